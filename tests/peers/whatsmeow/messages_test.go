package whatsmeow

import (
	"fmt"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
)

// whatsmeow asks for nothing of what waited.
var unasked = []string{"--fault", "offline-unasked"}

const (
	ana   = "40721000001@s.whatsapp.net"
	group = "120363000000000001@g.us"
)

func linked(t *testing.T, options ...string) (*simulator, *client) {
	t.Helper()
	sim := startSimulator(t, options...)
	peer := newClient(t, sim, 0)
	peer.link()
	return sim, peer
}

func TestMessagesByPhoneNumber(t *testing.T) {
	sim, peer := linked(t)
	for i := range 20 {
		sim.send(fields{"chat": ana, "id": fmt.Sprintf("3A0%d", i), "text": fmt.Sprintf("mesajul %d 😀", i)})
	}
	for i := range 20 {
		message := peer.message(fmt.Sprintf("3A0%d", i))
		if message.Info.Chat.String() != ana || message.Info.IsFromMe ||
			message.Info.PushName != "Ana 🌸" || message.Info.SenderAlt.IsEmpty() ||
			message.Message.GetConversation() != fmt.Sprintf("mesajul %d 😀", i) {
			t.Errorf("%+v: %v", message.Info, message.Message)
		}
	}
	sim.send(fields{"chat": ana, "from": "me", "id": "3A0A", "text": "de pe telefon"})
	own := peer.message("3A0A")
	if own.Info.Chat.String() != ana || !own.Info.IsFromMe ||
		own.Message.GetConversation() != "de pe telefon" {
		t.Errorf("%+v: %v", own.Info, own.Message)
	}
	sim.until("all receipts", func(seen state) bool { return seen.Companions[0].Pending == 0 })
	peer.content()
}

func TestMessagesByLID(t *testing.T) {
	sim, peer := linked(t)
	const mihai = "120000000000002@lid"
	sim.send(fields{"chat": mihai, "id": "3A0B", "text": "salut"})
	message := peer.message("3A0B")
	if message.Info.Chat.String() != mihai ||
		message.Info.SenderAlt.String() != "40721000002@s.whatsapp.net" ||
		message.Message.GetConversation() != "salut" {
		t.Errorf("%+v: %v", message.Info, message.Message)
	}
	peer.content()
}

func TestKindsOfMessages(t *testing.T) {
	sim, peer := linked(t)
	sim.send(fields{"chat": ana, "id": "3A01", "text": "întâi"})
	sim.send(fields{"chat": ana, "id": "3A02", "kind": "image", "text": "tortul"})
	sim.send(fields{"chat": ana, "id": "3A03", "kind": "edit", "target": "3A01", "text": "corectat"})
	sim.send(fields{"chat": ana, "id": "3A04", "kind": "reaction", "target": "3A01", "text": "👍"})
	sim.send(fields{"chat": ana, "id": "3A05", "kind": "revoke", "target": "3A02"})
	sim.send(fields{"chat": ana, "id": "3A06", "kind": "poll", "text": "Ce oră?"})

	if image := peer.message("3A02").Message.GetImageMessage(); image.GetCaption() != "tortul" {
		t.Errorf("the image: %v", image)
	}
	opened, err := peer.DecryptSecretEncryptedMessage(t.Context(), peer.message("3A03"))
	if err != nil {
		t.Fatalf("the sealed edit: %v", err)
	}
	edit := opened.GetProtocolMessage()
	if edit.GetType() != waE2E.ProtocolMessage_MESSAGE_EDIT || edit.GetKey().GetID() != "3A01" ||
		edit.GetEditedMessage().GetConversation() != "corectat" {
		t.Errorf("the edit: %v", edit)
	}
	reaction := peer.message("3A04").Message.GetReactionMessage()
	if reaction.GetText() != "👍" || reaction.GetKey().GetID() != "3A01" {
		t.Errorf("the reaction: %v", reaction)
	}
	revoke := peer.message("3A05").Message.GetProtocolMessage()
	if revoke.GetType() != waE2E.ProtocolMessage_REVOKE || revoke.GetKey().GetID() != "3A02" {
		t.Errorf("the revoke: %v", revoke)
	}
	if poll := peer.message("3A06").Message; !strings.Contains(poll.String(), "Ce oră?") {
		t.Errorf("the poll: %v", poll)
	}
	peer.content()
}

func TestGroupOfContacts(t *testing.T) {
	sim, peer := linked(t)
	senders := map[string]string{
		"3A0C": ana, "3A0D": "40721000005@s.whatsapp.net", "3A0E": ana, "3A0F": "120000000000003@lid"}
	for _, id := range []string{"3A0C", "3A0D", "3A0E", "3A0F"} {
		sim.send(fields{"chat": group, "from": senders[id], "id": id, "text": "grup " + id})
	}
	for id, sender := range senders {
		message := peer.message(id)
		if message.Info.Chat.String() != group || message.Info.Sender.String() != sender ||
			message.Message.GetConversation() != "grup "+id {
			t.Errorf("%+v: %v", message.Info, message.Message)
		}
	}
	peer.content()
}

func TestWhatWaitedComesAtTheNextLogin(t *testing.T) {
	sim, peer := linked(t, unasked...)
	// Cut off in the middle of its first steps, it would complain.
	await(peer, "the last of app state", func(done *events.AppStateSyncComplete) bool {
		return done.Name == "regular_low"
	})
	sim.until("it has answered everything",
		func(seen state) bool { return seen.Companions[0].Pending == 0 && seen.BlobsDeleted > 0 })
	peer.Disconnect()
	sim.until("it is gone", func(seen state) bool { return seen.OpenConnections == 0 })
	const waiting = 20
	for i := range waiting {
		sim.send(fields{"chat": ana, "id": fmt.Sprintf("3A1%d", i), "text": "unde ești?"})
	}
	peer.restart()
	peer.login()
	for i := range waiting {
		peer.message(fmt.Sprintf("3A1%d", i))
	}
	await[*events.OfflineSyncCompleted](peer, "the end of what waited", nil)
	sim.until("all receipts", func(seen state) bool { return seen.Companions[0].Pending == 0 })
	count := map[string]int{} // the phone's own messages to its companion are among them
	for _, message := range all[*events.Message](peer) {
		if count[message.Info.ID]++; count[message.Info.ID] > 1 {
			t.Errorf("%s came again", message.Info.ID)
		}
	}
	peer.content()
}

func TestReconnectsAfterACut(t *testing.T) {
	sim, peer := linked(t, unasked...)
	sim.drop()
	await[*events.Disconnected](peer, "the cut", nil)
	sim.send(fields{"chat": ana, "id": "3A20", "text": "înapoi"})
	if text := peer.message("3A20").Message.GetConversation(); text != "înapoi" {
		t.Errorf("%q came", text)
	}
	if logins := sim.state().Logins; logins != 2 {
		t.Errorf("%d logins", logins)
	}
}

func TestWhatDoesNotDecryptComesAgain(t *testing.T) {
	sim, peer := linked(t)
	sim.send(fields{"chat": ana, "id": "3A21", "text": "întâi"})
	peer.message("3A21")
	sim.ask("POST", "/admin/fault", "undecryptable=1", nil)
	sim.send(fields{"chat": ana, "id": "3A22", "text": "din nou"})
	if text := peer.message("3A22").Message.GetConversation(); text != "din nou" {
		t.Errorf("%q came", text)
	}
	sim.content()
}

package whatsmeow

import (
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

// Two users of one simulator, a whatsmeow of each.
func twoLinked(t *testing.T) (*simulator, *client, *client) {
	t.Helper()
	sim := startSimulator(t, "--users", "2")
	first, second := newClient(t, sim, 0), newClient(t, sim, 1)
	first.link()
	second.link()
	return sim, first, second
}

func text(words string) *waE2E.Message { return &waE2E.Message{Conversation: proto.String(words)} }

func (c *client) say(to types.JID, message *waE2E.Message) string {
	c.t.Helper()
	sent, err := c.SendMessage(c.context(), to, message)
	must(c.t, err)
	return sent.ID
}

func TestSendsToAnotherUser(t *testing.T) {
	sim, first, second := twoLinked(t)
	// Asks usync for the devices and takes pre-keys for each.
	id := first.say(second.Store.ID.ToNonAD(), text("bună 😀"))
	if message := second.message(id); message.Message.GetConversation() != "bună 😀" ||
		message.Info.IsFromMe {
		t.Errorf("%+v: %v", message.Info, message.Message)
	}
	if told := sim.delivered(id); told != "bună 😀" {
		t.Errorf("the phone read %q", told)
	}
	await(first, "the receipt", func(receipt *events.Receipt) bool {
		return len(receipt.MessageIDs) > 0 && receipt.MessageIDs[0] == id
	})
	// And back, in the session that this began.
	answer := second.say(first.Store.ID.ToNonAD(), text("bună și ție"))
	if got := first.message(answer).Message.GetConversation(); got != "bună și ție" {
		t.Errorf("the answer is %q", got)
	}
	first.content()
	second.content()
}

func TestSendsByLID(t *testing.T) {
	_, first, second := twoLinked(t)
	id := first.say(second.Store.LID.ToNonAD(), text("prin LID"))
	message := second.message(id)
	if message.Message.GetConversation() != "prin LID" ||
		message.Info.Sender.ToNonAD() != first.Store.LID.ToNonAD() {
		t.Errorf("%+v: %v", message.Info, message.Message)
	}
	first.content()
	second.content()
}

func TestSendsWhatChangesAMessage(t *testing.T) {
	_, first, second := twoLinked(t)
	to := second.Store.ID.ToNonAD()
	id := first.say(to, text("întâi"))
	second.message(id)
	edit := second.message(first.say(to, first.BuildEdit(to, id, text("corectat"))))
	if edit.Message.GetProtocolMessage().GetEditedMessage().GetConversation() != "corectat" {
		t.Errorf("the edit: %v", edit.Message)
	}
	reaction := second.message(first.say(to, first.BuildReaction(to, first.Store.GetJID(), id, "🎈")))
	if reaction.Message.GetReactionMessage().GetText() != "🎈" {
		t.Errorf("the reaction: %v", reaction.Message)
	}
	poll := second.message(first.say(to, first.BuildPollCreation("Ce oră?", []string{"14", "15"}, 1)))
	if poll.Message.GetPollCreationMessage().GetName() != "Ce oră?" {
		t.Errorf("the poll: %v", poll.Message)
	}
	revoke := second.message(first.say(to, first.BuildRevoke(to, types.EmptyJID, id)))
	if revoke.Message.GetProtocolMessage().GetType() != waE2E.ProtocolMessage_REVOKE {
		t.Errorf("the revoke: %v", revoke.Message)
	}
	first.content()
	second.content()
}

func TestGroupsOfBothAddressingModes(t *testing.T) {
	for mode, server := range map[string]string{"pn": types.DefaultUserServer, "lid": types.HiddenUserServer} {
		t.Run(mode, func(t *testing.T) {
			sim, first, second := twoLinked(t)
			chat := jid(sim.group("Grupul", mode, 0, 1))
			info, err := first.GetGroupInfo(first.context(), chat)
			must(t, err)
			if info.Name != "Grupul" || len(info.Participants) != 2 ||
				info.AddressingMode != types.AddressingMode(mode) {
				t.Errorf("%+v", info)
			}
			// The first one brings the sender's key.
			for _, words := range []string{"în grup", "și încă o dată"} {
				id := first.say(chat, text(words))
				message := second.message(id)
				if message.Message.GetConversation() != words || message.Info.Chat != chat ||
					message.Info.Sender.Server != server || message.Info.SenderAlt.IsEmpty() {
					t.Errorf("%+v: %v", message.Info, message.Message)
				}
			}
			back := second.say(chat, text("și înapoi"))
			if got := first.message(back).Message.GetConversation(); got != "și înapoi" {
				t.Errorf("%q came back", got)
			}
			first.content()
			second.content()
		})
	}
}

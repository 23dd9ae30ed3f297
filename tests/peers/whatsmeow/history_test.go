package whatsmeow

import (
	"testing"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// The phone sends this part last.
func (c *client) wholeHistory() []*events.HistorySync {
	c.t.Helper()
	await(c, "the whole history", func(part *events.HistorySync) bool {
		return part.Data.GetSyncType() == waHistorySync.HistorySync_RECENT &&
			part.Data.GetProgress() == 100
	})
	return all[*events.HistorySync](c)
}

func TestHistoryInEveryTypeOfChunkByBlob(t *testing.T) {
	const chats, messages = 60, 50
	sim := startSimulator(t, "--dataset", "60x50", "--chunk", "400")
	peer := newClient(t, sim, 0)
	peer.link()
	parts := peer.wholeHistory()

	types := map[waHistorySync.HistorySync_HistorySyncType]int{}
	held := map[string]map[string]bool{} // ids by chat, however often they come
	for _, part := range parts {
		types[part.Data.GetSyncType()]++
		if part.Notification.GetDirectPath() == "" {
			t.Errorf("%v came without a blob", part.Data.GetSyncType())
		}
		for _, conversation := range part.Data.GetConversations() {
			ids := held[conversation.GetID()]
			if ids == nil {
				ids = map[string]bool{}
				held[conversation.GetID()] = ids
			}
			for _, message := range conversation.GetMessages() {
				ids[message.GetMessage().GetKey().GetID()] = true
			}
		}
	}
	for _, wanted := range []waHistorySync.HistorySync_HistorySyncType{
		waHistorySync.HistorySync_INITIAL_STATUS_V3, waHistorySync.HistorySync_INITIAL_BOOTSTRAP,
		waHistorySync.HistorySync_PUSH_NAME, waHistorySync.HistorySync_NON_BLOCKING_DATA,
		waHistorySync.HistorySync_RECENT} {
		if types[wanted] == 0 {
			t.Errorf("no part of type %v", wanted)
		}
	}
	if types[waHistorySync.HistorySync_RECENT] < 2 {
		t.Errorf("the history came in one part: %v", types)
	}
	if len(held) != chats {
		t.Errorf("%d chats came, not %d", len(held), chats)
	}
	for chat, ids := range held {
		if len(ids) != messages {
			t.Errorf("%d messages of %s came, not %d", len(ids), chat, messages)
		}
	}
	// whatsmeow deletes each blob behind its event, and sends receipts.
	sim.until("all is acknowledged and deleted", func(seen state) bool {
		tried := seen.BlobsDeleted + seen.tooEarly()
		return seen.BlobsDeleted > 0 && tried == len(parts) && seen.Companions[0].Pending == 0
	})
	peer.content()
}

func TestHistoryOfTheSmallDataset(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	names := map[string]string{}
	for _, part := range peer.wholeHistory() {
		for _, conversation := range part.Data.GetConversations() {
			names[conversation.GetID()] = conversation.GetName()
		}
	}
	if names[ana] != "Ana Popescu" || names[group] != "Petrecere Sofia 🎈" {
		t.Errorf("the chats' names: %q", names)
	}
}

func TestFullNamesByAppState(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	await(peer, "the contacts", func(done *events.AppStateSyncComplete) bool {
		return done.Name == appstate.WAPatchCriticalUnblockLow
	})
	for address, name := range map[string]string{
		ana: "Ana Popescu", "40721000012@s.whatsapp.net": "Cătălina Ionescu"} {
		contact, err := peer.Store.Contacts.GetContact(peer.context(), jid(address))
		must(t, err)
		if contact.FullName != name {
			t.Errorf("%s is %q, not %q", address, contact.FullName, name)
		}
	}
	// A change comes as a patch.
	sim.post("/admin/mock-phone/rename-contact", fields{"jid": ana, "name": "Ana de la cofetărie"})
	await(peer, "the new name", func(changed *events.Contact) bool {
		return changed.JID == jid(ana) && changed.Action.GetFullName() == "Ana de la cofetărie"
	})
	peer.content()
}

// A phone that has moved to LIDs knows its chats by them, and answers to no other address.
func (c *client) asThePhoneKnowsIt(conversation *waHistorySync.Conversation) types.JID {
	c.t.Helper()
	chat := jid(conversation.GetID())
	if chat.Server != types.DefaultUserServer {
		return chat
	}
	if conversation.GetLidJID() != "" {
		return jid(conversation.GetLidJID())
	}
	lid, err := c.Store.LIDs.GetLIDForPN(c.context(), chat)
	must(c.t, err)
	if lid.IsEmpty() {
		return chat
	}
	return lid
}

func TestHistoryOnDemand(t *testing.T) {
	// It names the chat as its history does, though the phone knows it by its LID.
	sim := startSimulator(t, "--dataset", "4x20", "--older", "100", "--fault", "forgive-chat-address")
	peer := newClient(t, sim, 0)
	peer.link()
	parts := peer.wholeHistory()
	conversation := parts[len(parts)-1].Data.GetConversations()[0]
	messages := conversation.GetMessages()
	oldest := messages[len(messages)-1].GetMessage()
	chat := peer.asThePhoneKnowsIt(conversation)
	info := types.MessageInfo{
		MessageSource: types.MessageSource{Chat: chat, IsFromMe: oldest.GetKey().GetFromMe()},
		ID:            oldest.GetKey().GetID(),
		Timestamp:     time.Unix(int64(oldest.GetMessageTimestamp()), 0)}
	request, err := peer.SendPeerMessage(peer.context(), peer.BuildHistorySyncRequest(&info, 50))
	must(t, err)
	answer := await(peer, "older messages", func(part *events.HistorySync) bool {
		return part.Data.GetSyncType() == waHistorySync.HistorySync_ON_DEMAND
	})
	if id := answer.Notification.GetPeerDataRequestSessionID(); id != request.ID {
		t.Errorf("the answer is for request %q, not %q", id, request.ID)
	}
	older := answer.Data.GetConversations()[0]
	if older.GetID() != conversation.GetID() || len(older.GetMessages()) != 50 {
		t.Errorf("%d messages of %s", len(older.GetMessages()), older.GetID())
	}
	for _, message := range older.GetMessages() {
		if message.GetMessage().GetMessageTimestamp() >= oldest.GetMessageTimestamp() {
			t.Errorf("%s is not older", message.GetMessage().GetKey().GetID())
		}
	}
	peer.content()
}

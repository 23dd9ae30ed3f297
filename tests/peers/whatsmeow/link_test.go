package whatsmeow

import (
	"os"
	"strconv"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

const ownPhone = "40737123397"

func TestLinkByQRCode(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	if peer.Store.ID.User != ownPhone || peer.Store.LID.IsEmpty() || peer.Store.Platform != "android" {
		t.Errorf("linked as %v, %v, %q", peer.Store.ID, peer.Store.LID, peer.Store.Platform)
	}
	seen := sim.state()
	if len(seen.Companions) != 1 || seen.Companions[0].JID != peer.Store.ID.String() ||
		seen.Companions[0].LID != peer.Store.LID.String() || !seen.Companions[0].Active {
		t.Errorf("the simulator knows %+v", seen.Companions)
	}
	peer.content()
}

func TestLinkByCode(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	must(t, peer.Connect())
	await[*events.QR](peer, "that it may ask for a code", nil)
	code, err := peer.PairPhone(peer.context(), "+"+ownPhone, true, whatsmeow.PairClientChrome,
		"Chrome (Linux)")
	must(t, err)
	sim.typeCode(code)
	await[*events.PairSuccess](peer, "the pairing", nil)
	await[*events.Connected](peer, "the login behind it", nil)
	if peer.Store.ID.User != ownPhone {
		t.Errorf("linked as %v", peer.Store.ID)
	}
	peer.content()
}

// A provider keeps the account of a business, and signs for it.
func TestLinkAHostedAccount(t *testing.T) {
	sim := startSimulator(t, "--fault", "hosted-account")
	peer := newClient(t, sim, 0)
	peer.link()
	var device waAdv.ADVDeviceIdentity
	must(t, proto.Unmarshal(peer.Store.Account.GetDetails(), &device))
	if device.GetDeviceType() != waAdv.ADVEncryptionType_HOSTED {
		t.Errorf("linked as %v", &device)
	}
	peer.content()
}

// whatsmeow drops what it has not looked at yet when the connection closes. WhatsApp leaves closing
// to the client behind a stream error, and so must the simulator.
func TestServerLeavesClosingToTheClient(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.DisableLoginAutoReconnect = true
	sim.scan(peer.qr(), 0)
	await[*events.ManualLoginReconnect](peer, "stream error 515", nil)
	if open := sim.state().OpenConnections; open != 1 || !peer.IsConnected() {
		t.Errorf("the server closed first: it holds %d connections", open)
	}
	peer.Disconnect()
	sim.until("the server notices", func(seen state) bool { return seen.OpenConnections == 0 })
	peer.login()
	peer.content()
}

// What fails now and then shows in many: WASYNC_LINKS of them.
func TestLinkAgainAndAgain(t *testing.T) {
	links, err := strconv.Atoi(os.Getenv("WASYNC_LINKS"))
	if err != nil {
		links = 5
	}
	sim := startSimulator(t, "--dataset", "3x2")
	for range links {
		peer := newClient(t, sim, 0)
		peer.link()
		peer.Disconnect()
	}
}

func TestLogsOut(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	must(t, peer.Logout(peer.context()))
	sim.until("it forgets the device", func(seen state) bool { return len(seen.Companions) == 0 })
}

func TestRemovedOnThePhone(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	sim.post("/admin/mock-phone/remove-device", fields{"device": peer.Store.ID.Device})
	await[*events.LoggedOut](peer, "that it was removed", nil)
}

func TestReplacedByASecondConnection(t *testing.T) {
	sim := startSimulator(t)
	peer := newClient(t, sim, 0)
	peer.link()
	first := *peer // keeps its connection
	peer.Client = nil
	peer.restart()
	peer.login()
	await[*events.StreamReplaced](&first, "that another took its place", nil)
	first.Disconnect()
}

func TestOutdatedClientIsRefused(t *testing.T) {
	sim := startSimulator(t, "--fault", "refuse-registration=405")
	peer := newClient(t, sim, 0)
	must(t, peer.Connect())
	await[*events.ClientOutdated](peer, "the refusal", nil)
}

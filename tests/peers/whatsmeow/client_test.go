// A whatsmeow client: one device, whose store outlives its connections. Only the address of the
// server and the trusted root key are foreign to it.
package whatsmeow

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"
)

type client struct {
	*whatsmeow.Client
	t         *testing.T
	sim       *simulator
	user      int // of the simulator
	container *sqlstore.Container
	log       *journal
	seen      *seen
}

// A device without an account, for the simulator's user with that number.
func newClient(t *testing.T, sim *simulator, user int) *client {
	t.Helper()
	made := &client{t: t, sim: sim, user: user, log: &journal{}}
	file := filepath.Join(t.TempDir(), "whatsmeow.db")
	container, err := sqlstore.New(t.Context(), "sqlite3",
		"file:"+file+"?_foreign_keys=on&_journal_mode=WAL&_synchronous=OFF", made.log)
	must(t, err)
	made.container = container
	t.Cleanup(func() {
		made.Disconnect()
		container.Close()
		if t.Failed() {
			t.Logf("whatsmeow said:\n%s", made.log)
		}
	})
	made.restart()
	return made
}

// As a new process would: all that is left is the store. Nothing is connected yet.
func (c *client) restart() {
	c.t.Helper()
	if c.Client != nil {
		c.Disconnect()
	}
	device, err := c.container.GetFirstDevice(c.t.Context())
	must(c.t, err)
	c.Client = whatsmeow.NewClient(device, c.log)
	redirected := &http.Client{Transport: c.sim}
	c.SetPreLoginHTTPClient(redirected)
	c.SetWebsocketHTTPClient(redirected)
	c.SetMediaHTTPClient(redirected)
	c.seen = &seen{news: make(chan struct{})}
	c.AddEventHandler(c.seen.add)
}

// Connects, and returns the first QR code.
func (c *client) qr() string {
	c.t.Helper()
	codes, err := c.GetQRChannel(c.t.Context())
	must(c.t, err)
	must(c.t, c.Connect())
	select {
	case item := <-codes:
		if item.Event != whatsmeow.QRChannelEventCode {
			c.t.Fatalf("no QR code: %+v", item)
		}
		return item.Code
	case <-time.After(deadline):
		c.t.Fatal("not in time: a QR code")
	}
	return ""
}

// Shows a QR code, has the phone scan it, and is logged in after the restart that follows.
func (c *client) link() {
	c.t.Helper()
	c.sim.scan(c.qr(), c.user)
	await[*events.PairSuccess](c, "the pairing", nil)
	await[*events.Connected](c, "the login behind it", nil)
}

func (c *client) login() {
	c.t.Helper()
	must(c.t, c.Connect())
	await[*events.Connected](c, "the login", nil)
}

func (c *client) context() context.Context {
	bounded, cancel := context.WithTimeout(c.t.Context(), deadline)
	c.t.Cleanup(cancel)
	return bounded
}

// What came under that id. A group's sender key comes under the id of a message, before it.
func (c *client) message(id string) *events.Message {
	c.t.Helper()
	return await(c, "message "+id, func(m *events.Message) bool {
		return m.Info.ID == id && m.Message.GetSenderKeyDistributionMessage() == nil
	})
}

// What happened since the client was made, in its order.
type seen struct {
	lock   sync.Mutex
	events []any
	news   chan struct{} // closed when there is more
}

func (s *seen) add(event any) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.events = append(s.events, event)
	close(s.news)
	s.news = make(chan struct{})
}

func (s *seen) from(index int) ([]any, <-chan struct{}) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.events[index:], s.news
}

// The first event of the type for which the condition (if any) holds, past or to come.
func await[Event any](c *client, what string, condition func(Event) bool) Event {
	c.t.Helper()
	late := time.After(deadline)
	for index := 0; ; {
		news, more := c.seen.from(index)
		for _, each := range news {
			if event, fits := each.(Event); fits && (condition == nil || condition(event)) {
				return event
			}
		}
		index += len(news)
		select {
		case <-more:
		case <-late:
			c.t.Fatalf("not in time: %s", what)
		}
	}
}

func all[Event any](c *client) (found []Event) {
	past, _ := c.seen.from(0)
	for _, each := range past {
		if event, fits := each.(Event); fits {
			found = append(found, event)
		}
	}
	return found
}

// whatsmeow's log: shown when a test fails, and searched for what it warned of.
type journal struct {
	lock  sync.Mutex
	lines []string
}

func (j *journal) note(level, text string, args []any) {
	j.lock.Lock()
	defer j.lock.Unlock()
	j.lines = append(j.lines, level+" "+fmt.Sprintf(text, args...))
}

func (j *journal) Debugf(text string, args ...any) { j.note("debug", text, args) }
func (j *journal) Infof(text string, args ...any)  { j.note("info", text, args) }
func (j *journal) Warnf(text string, args ...any)  { j.note("warn", text, args) }
func (j *journal) Errorf(text string, args ...any) { j.note("error", text, args) }
func (j *journal) Sub(string) waLog.Logger         { return j }
func (j *journal) String() string                  { return strings.Join(j.copy(), "\n") }

func (j *journal) copy() []string {
	j.lock.Lock()
	defer j.lock.Unlock()
	return append([]string(nil), j.lines...)
}

// Nothing was worth a warning to whatsmeow.
func (c *client) content() {
	c.t.Helper()
	for _, line := range c.log.copy() {
		if strings.Contains(line, "media delete failed with status code 401") {
			continue // see withoutSecret
		}
		if strings.HasPrefix(line, "warn ") || strings.HasPrefix(line, "error ") {
			c.t.Errorf("whatsmeow complains: %s", line)
		}
	}
	c.sim.content()
}

func jid(text string) types.JID {
	parsed, err := types.ParseJID(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

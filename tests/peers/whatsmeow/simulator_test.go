// wa-sim as a child process, and its admin interface.
package whatsmeow

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
)

// Of one wait. Generous: the machine may be busy with a build.
const deadline = 60 * time.Second

// Between two looks at what the simulator only tells when asked.
const lookAgain = 20 * time.Millisecond

type simulator struct {
	t    *testing.T
	host string // of everything: WebSocket, media, admin
	http *http.Client
}

// Starts one on a free port; it ends with the test. The root key that it signs with is whatsmeow's
// from then on: one simulator a process at a time.
func startSimulator(t *testing.T, options ...string) *simulator {
	t.Helper()
	program := os.Getenv("WASYNC_SIM")
	if program == "" {
		t.Fatal("WASYNC_SIM names no simulator")
	}
	// whatsmeow never asks for what waited while it was away.
	always := []string{"--exit-with-stdin", "--fault", "offline-unasked"}
	command := exec.Command(program, append(always, options...)...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	stdin, err := command.StdinPipe()
	must(t, err)
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	// With stdin it loses its reason to live; what hangs nevertheless is killed.
	t.Cleanup(func() {
		stdin.Close()
		hangs := time.AfterFunc(deadline, func() { command.Process.Kill() })
		command.Wait()
		hangs.Stop()
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("wa-sim said: %s", complaints.String())
		}
	})

	var ready struct {
		HTTP    string `json:"http"`
		RootKey string `json:"root_key"`
	}
	late := time.AfterFunc(deadline, func() { command.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	late.Stop()
	if err != nil {
		t.Fatalf("wa-sim did not start: %v: %s", err, complaints.String())
	}
	must(t, json.Unmarshal(line, &ready))
	address, err := url.Parse(ready.HTTP)
	must(t, err)
	root, err := hex.DecodeString(ready.RootKey)
	must(t, err)
	whatsmeow.WACertPubKey = [32]byte(root)

	transport := &http.Transport{} // no proxy from the environment
	t.Cleanup(transport.CloseIdleConnections)
	return &simulator{t, address.Host, &http.Client{Transport: transport, Timeout: deadline}}
}

// Takes every request to the simulator: whatsmeow always means https and WhatsApp's hosts.
func (s *simulator) RoundTrip(request *http.Request) (*http.Response, error) {
	redirected := request.Clone(request.Context())
	redirected.URL.Scheme = "http"
	redirected.URL.Host = s.host
	redirected.Host = s.host
	return s.http.Transport.RoundTrip(redirected)
}

// Answers are decoded into `answer`, unless that is nil.
func (s *simulator) request(method, path, body string, answer any) error {
	request, err := http.NewRequest(method, "http://"+s.host+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := s.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s %s", method, path, response.Status, said)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}

func (s *simulator) ask(method, path, body string, answer any) {
	s.t.Helper()
	must(s.t, s.request(method, path, body, answer))
}

func (s *simulator) post(path string, body any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	must(s.t, err)
	s.ask("POST", path, string(text), nil)
}

// The phone of the user with that number scans the QR code.
func (s *simulator) scan(qr string, user int) {
	s.t.Helper()
	s.ask("POST", fmt.Sprintf("/admin/mock-phone/scan-qr?user=%d", user), qr, nil)
}

func (s *simulator) typeCode(code string) {
	s.t.Helper()
	s.post("/admin/mock-phone/enter-code", fields{"code": strings.ReplaceAll(code, "-", "")})
}

type fields map[string]any

// A message to the first user, or by it with from "me"; the fields are the admin interface's.
func (s *simulator) send(message fields) {
	s.t.Helper()
	s.post("/admin/mock-phone/send-message", message)
}

// A group of users; returns its JID.
func (s *simulator) group(subject, addressing string, members ...int) string {
	s.t.Helper()
	body, err := json.Marshal(fields{"subject": subject, "members": members, "addressing": addressing})
	must(s.t, err)
	var made struct{ JID string }
	s.ask("POST", "/admin/group", string(body), &made)
	return made.JID
}

// Cuts every connection.
func (s *simulator) drop() { s.ask("POST", "/admin/drop", "", nil) }

type state struct {
	Companions []struct {
		JID     string
		LID     string
		Active  bool
		Pending int
	}
	OpenConnections int `json:"open_connections"`
	Logins          int
	BlobsDeleted    int      `json:"blobs_deleted"`
	Complaints      []string `json:"complaints"`
	UnknownQueries  []string `json:"unknown_queries"`
}

// whatsmeow stores the secret for deletions while it deletes already: the first may come without.
const withoutSecret = "deleting a blob was refused: 401"

func (s state) tooEarly() (count int) {
	for _, complaint := range s.Complaints {
		if complaint == withoutSecret {
			count++
		}
	}
	return count
}

func (s *simulator) state() (seen state) {
	s.t.Helper()
	s.ask("GET", "/admin/state", "", &seen)
	return seen
}

// Looks until the condition holds: for what a client does without telling us.
func (s *simulator) until(what string, condition func(state) bool) {
	s.t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(lookAgain) {
		seen := s.state()
		if condition(seen) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("not in time: %s: %+v", what, seen)
		}
	}
}

// What messages of companions told a phone, by the message's id.
func (s *simulator) delivered(id string) string {
	s.t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(lookAgain) {
		var seen struct {
			Delivered []struct{ ID, To, Text string }
		}
		s.ask("GET", "/admin/receipts", "", &seen)
		for _, message := range seen.Delivered {
			if message.ID == id {
				return message.Text
			}
		}
		if time.Now().After(end) {
			s.t.Fatalf("message %s was not delivered: %+v", id, seen)
		}
	}
}

// Nothing that the client sent was wrong or unknown.
func (s *simulator) content() {
	s.t.Helper()
	seen := s.state()
	if len(seen.Complaints) > seen.tooEarly() || len(seen.UnknownQueries) > 0 {
		s.t.Errorf("the simulator complains: %q; does not know: %q", seen.Complaints,
			seen.UnknownQueries)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

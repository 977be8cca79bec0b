package storeorderstest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// transportHost is the host of a server without a socket.
const transportHost = "storeorders.test"

// Transport returns a server that has no socket and needs no Close. It is a
// [http.RoundTripper]:
//
//	server := storeorderstest.Transport()
//	client, err := storeorders.NewClient(
//		storeorders.WithHTTPClient(&http.Client{Transport: server}),
//		storeorders.WithMercur(server.MercurConfig()))
//
// Its URL is "http://storeorders.test". It works inside a bubble of
// testing/synctest too, where all delays are virtual: a request starts no
// goroutine, and waits for nothing but timers and its own context.
func Transport(opts ...Option) *Server {
	s := newServer(opts)
	s.URL = "http://" + transportHost
	s.SalesiveURL = s.URL + salesivePrefix
	if s.salesive.ownOrigin {
		s.SalesiveURL = "http://salesive." + transportHost + salesivePrefix
	}
	return s
}

// RoundTrip answers the request without a connection, as the server behind URL
// would answer it over one, and with the errors of net/http's own transport.
// It answers under any scheme. On a server made by [Transport] it answers
// under any port and under the names that end in ".storeorders.test", too,
// for tests of more than one origin: [Request] has the Host. All other hosts do
// not exist.
func (s *Server) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := s.check(req); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as a RoundTripper must, and for nothing
		}
		return nil, err
	}
	out := req.Clone(req.Context())
	unzip := req.Method != http.MethodHead && req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == ""
	if unzip { // as net/http's transport asks, and then hides it
		out.Header.Set("Accept-Encoding", "gzip")
	}
	in, err := received(out)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(req.Context())
	wire := &wire{ctx: ctx, parts: s.answerOf(in.WithContext(ctx)).wire(req.Method)}
	resp, err := http.ReadResponse(bufio.NewReader(wire), req)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, cancel: cancel}
	if unzip && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		resp.Body = &unzipped{body: resp.Body}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
		resp.Uncompressed = true
	}
	return resp, nil
}

func (s *Server) check(req *http.Request) error {
	if err := req.Context().Err(); err != nil {
		return context.Cause(req.Context())
	}
	switch {
	case req.URL == nil:
		return errors.New("http: nil Request.URL")
	case req.Header == nil:
		return errors.New("http: nil Request.Header")
	}
	for name, values := range req.Header {
		if slices.ContainsFunc(values, hasControl) {
			return fmt.Errorf("net/http: invalid header field value for %q", name)
		}
	}
	if !s.answers(req.URL) {
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: req.URL.Hostname(), IsNotFound: true}}
	}
	return nil
}

// hasControl reports whether HTTP does not allow the text in a header.
func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// answers reports whether the URL leads to s.
func (s *Server) answers(u *url.URL) bool {
	if s.http == nil {
		return u.Hostname() == transportHost || strings.HasSuffix(u.Hostname(), "."+transportHost)
	}
	return slices.ContainsFunc([]string{s.URL, s.SalesiveURL}, func(base string) bool {
		own, err := url.Parse(base)
		return err == nil && u.Host == own.Host
	})
}

// received returns the request as a server reads it off a connection. That
// reads its body to the end and closes it.
func received(req *http.Request) (*http.Request, error) {
	var sent bytes.Buffer
	if err := req.Write(&sent); err != nil {
		return nil, err
	}
	in, err := http.ReadRequest(bufio.NewReader(&sent))
	if err != nil {
		return nil, err
	}
	in.RemoteAddr = "192.0.2.1:1234"
	return in, nil
}

// answer is an answer, and how it is sent.
type answer struct {
	status int
	header http.Header
	body   []byte
	length int // the Content-Length

	reset  bool          // break off instead
	delay  time.Duration // before the headers
	pieces int           // of the body; 0: all at once
	pause  time.Duration // before each piece
}

func (a *answer) setBody(body []byte) { a.body, a.length = body, len(body) }

// replace replaces the answer, but not the way in which it is sent.
func (a *answer) replace(status int, contentType string, body []byte) {
	a.status = status
	a.header = http.Header{"Content-Type": {contentType}}
	a.setBody(body)
}

// record answers the request by the handler.
func record(handle http.HandlerFunc, r *http.Request) *answer {
	a := &answer{status: http.StatusOK, header: http.Header{}}
	handle((*recorder)(a), r)
	a.setBody(a.body)
	return a
}

// recorder is an answer that a handler writes to.
type recorder answer

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(text []byte) (int, error) {
	r.body = append(r.body, text...)
	return len(text), nil
}

// part is what is sent at one time.
type part struct {
	pause time.Duration // before it
	bytes []byte
	err   error // ends the connection after bytes; nil: another part follows
}

// parts returns the body as it goes over the connection.
func (a *answer) parts(method string) []part {
	if method == http.MethodHead || !hasBody(a.status) {
		return nil
	}
	rest := a.body[:min(len(a.body), a.length)]
	var parts []part
	for left := max(1, a.pieces); left > 0; left-- {
		n := len(rest) / left
		parts = append(parts, part{pause: a.pause, bytes: rest[:n]})
		rest = rest[n:]
	}
	return parts
}

func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// fullHeader returns the header with what a connection adds.
func (a *answer) fullHeader() http.Header {
	header := a.header.Clone()
	if hasBody(a.status) {
		header.Set("Content-Length", strconv.Itoa(a.length))
	}
	return header
}

// errReset is what the client gets from a connection that was reset.
func errReset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// wire returns the whole answer as it goes over a connection.
func (a *answer) wire(method string) []part {
	if a.reset {
		return []part{{pause: a.delay, err: errReset()}}
	}
	var head bytes.Buffer
	header := a.fullHeader()
	if header.Get("Date") == "" {
		header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	_, _ = fmt.Fprintf(&head, "HTTP/1.1 %03d %s\r\n", a.status, http.StatusText(a.status))
	_ = header.Write(&head) // a buffer does not fail
	head.WriteString("\r\n")
	return append([]part{{pause: a.delay, bytes: head.Bytes()}}, a.parts(method)...)
}

// handle answers a request of a connection.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	a := s.answerOf(r)
	if err := s.send(r.Context(), w, a, r.Method); err != nil {
		panic(http.ErrAbortHandler) // closes the connection
	}
}

// send sends the answer. net/http closes the connection after a body that is
// shorter than announced.
func (s *Server) send(ctx context.Context, w http.ResponseWriter, a *answer, method string) error {
	if err := sleep(ctx, s.closing, a.delay); err != nil {
		return err
	}
	if a.reset {
		return reset(w)
	}
	maps.Copy(w.Header(), a.fullHeader())
	w.WriteHeader(a.status)
	connection := http.NewResponseController(w)
	for _, part := range a.parts(method) {
		if part.pause > 0 {
			_ = connection.Flush()
		}
		if err := sleep(ctx, s.closing, part.pause); err != nil {
			return err
		}
		_, _ = w.Write(part.bytes) // a client that is gone needs no answer
	}
	return nil
}

// reset resets the connection behind an informational answer, which every
// client skips. If not a byte came, net/http's transport would send a GET again
// by itself where it has used the connection before, and nobody would see the
// fault.
func reset(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it, closing is no reset
	}
	return conn.Close()
}

// sleep waits, unless the context ends or the server closes first.
func sleep(ctx context.Context, closing <-chan struct{}, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-closing:
		return http.ErrServerClosed
	}
}

// wire is the client's end of a connection that carries one answer.
type wire struct {
	ctx   context.Context //nolint:containedctx // a connection's reads have none, and this one belongs to one request
	parts []part
}

func (w *wire) Read(p []byte) (int, error) {
	for len(w.parts) > 0 {
		next := &w.parts[0]
		if err := sleep(w.ctx, nil, next.pause); err != nil {
			return 0, err
		}
		next.pause = 0
		if err := w.ctx.Err(); err != nil {
			return 0, context.Cause(w.ctx)
		}
		if len(next.bytes) > 0 {
			n := copy(p, next.bytes)
			next.bytes = next.bytes[n:]
			return n, nil
		}
		if next.err != nil {
			return 0, next.err
		}
		w.parts = w.parts[1:]
	}
	return 0, io.EOF
}

// body is a body that closing cuts off, even while it is read.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.cancel()
	_ = b.ReadCloser.Close() // it reads the rest, which is no more
	return nil
}

// unzipped is a body that is decompressed as it is read.
type unzipped struct {
	body io.ReadCloser
	gzip *gzip.Reader // nil before the first Read
	err  error
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.gzip == nil && u.err == nil {
		u.gzip, u.err = gzip.NewReader(u.body)
	}
	if u.err != nil {
		return 0, u.err
	}
	return u.gzip.Read(p)
}

func (u *unzipped) Close() error { return u.body.Close() }

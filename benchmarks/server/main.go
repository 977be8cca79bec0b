// Command server serves prepared pages of both APIs on loopback, in a process
// of its own, so that its work is not part of what a walk costs. It prints its
// address and ends when its standard input does, that is, with its parent.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
)

func main() {
	records := flag.Int("records", 100_000, "how many records a walk may ask for")
	flag.Parse()
	if err := serve(*records); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func serve(records int) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // there is nothing to wait for
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           pages.NewServer(records),
		ConnContext:       pages.ConnContext,
		ReadHeaderTimeout: time.Minute,
	}
	fmt.Println("http://" + listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	select {
	case err := <-failed:
		return err
	case err := <-ended:
		return errors.Join(err, server.Close())
	}
}

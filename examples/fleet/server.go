package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// serverCmd runs the NATS server as a library. For more than a try, run
// nats-server itself, with TLS and accounts.
type serverCmd struct {
	Dir         string   `required:"true" placeholder:"DIR" help:"Folder of the file store."`
	Host        string   `default:"127.0.0.1" help:"Address to listen on; the default is ${default}."`
	Port        int      `default:"4222" help:"Port for clients; -1 is any. The default is ${default}."`
	Name        string   `default:"n1" help:"Name of the server in its cluster; the default is ${default}."`
	ClusterPort int      `placeholder:"PORT" help:"Port for the other servers of a cluster."`
	Routes      []string `placeholder:"URL" help:"The cluster ports of all servers of the cluster: nats://127.0.0.1:6222,…"`
	SyncAlways  bool     `help:"Acknowledge only what is on the disk: survives a power cut, and takes its time."`
}

// Run serves until it is interrupted.
func (c *serverCmd) Run(ctx context.Context, std streams) error {
	s, err := c.start()
	if err != nil {
		return err
	}
	std.say("%s\n", s.ClientURL())
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

func (c *serverCmd) start() (*server.Server, error) {
	options := &server.Options{
		ServerName: c.Name,
		Host:       c.Host,
		Port:       c.Port,
		JetStream:  true,
		StoreDir:   c.Dir,
		SyncAlways: c.SyncAlways,
		NoSigs:     true,
		NoLog:      true,
	}
	if c.ClusterPort != 0 {
		options.Cluster = server.ClusterOpts{Name: name, Host: c.Host, Port: c.ClusterPort}
		for _, route := range c.Routes {
			u, err := url.Parse(route)
			if err != nil {
				return nil, fmt.Errorf("route %q is no URL", route)
			}
			options.Routes = append(options.Routes, u)
		}
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, errors.New("NATS does not start: is the port in use?")
	}
	return s, nil
}

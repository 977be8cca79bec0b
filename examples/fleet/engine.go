package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What the fleet keeps in JetStream.
const (
	workStream   = "FLEET"            // a message for each shopper, until it is done
	workSubject  = "fleet.work."      // and the API
	consumerName = "workers"          // the one consumer, which all workers share
	deadStream   = "FLEET_DEAD"       // what was given up
	deadSubject  = "fleet.dead."      // and the API
	placeBucket  = "fleet-places"     // how far each shopper is
	configBucket = "fleet-config"     // rate limits, and the id of the key
	workerBucket = "fleet-workers"    // who is there
	partBucket   = "fleet-parts"      // finished pages of shoppers who have several
	orderBucket  = "fleet-orders"     // the orders, unless they go into a folder
	keyIDKey     = "key-id"           // in the config: of FLEET_KEY
	rateKey      = "rate."            // in the config: and the API
	partsKept    = 7 * 24 * time.Hour // parts are removed with the shopper's end; what is left of a lost worker goes then
)

// natsFlags say where NATS is.
type natsFlags struct {
	NATS      string `name:"nats" group:"NATS:" env:"NATS_URL" default:"nats://127.0.0.1:4222" placeholder:"URL" help:"Servers, with commas between them; the default is ${default}."`
	NATSCreds string `name:"nats-creds" group:"NATS:" env:"NATS_CREDS" placeholder:"FILE" help:"Credentials file."`
}

// connect gives a connection that comes back by itself.
func (f *natsFlags) connect(who string, more ...nats.Option) (*nats.Conn, error) {
	options := append([]nats.Option{
		nats.Name(name + " " + who),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.PingInterval(10 * time.Second),
	}, more...)
	if f.NATSCreds != "" {
		options = append(options, nats.UserCredentials(f.NATSCreds))
	}
	conn, err := nats.Connect(f.NATS, options...)
	if _, ok := errors.AsType[*url.Error](err); ok {
		return nil, errors.New("NATS_URL is no URL") // which may have a password in it
	}
	return conn, err
}

// connectPatiently also waits for NATS to begin with, and says so.
func (f *natsFlags) connectPatiently(ctx context.Context, worker string, log *slog.Logger) (*nats.Conn, error) {
	conn, err := f.connect(
		worker,
		nats.RetryOnFailedConnect(true),
		nats.DisconnectErrHandler(func(conn *nats.Conn, _ error) {
			if !conn.IsClosed() { // else it is this worker that goes
				log.WarnContext(ctx, "NATS is away")
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { log.InfoContext(ctx, "NATS is back") }),
	)
	if err == nil && !conn.IsConnected() {
		log.WarnContext(ctx, "NATS is not there yet")
	}
	return conn, err
}

// open connects, and opens what is there.
func (f *natsFlags) open(ctx context.Context) (*engine, error) {
	conn, err := f.connect("look")
	if err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return e, nil
}

// engine is JetStream with all that the fleet has there.
type engine struct {
	conn     *nats.Conn
	js       jetstream.JetStream
	work     jetstream.Stream
	dead     jetstream.Stream
	consumer jetstream.Consumer
	places   jetstream.KeyValue
	config   jetstream.KeyValue
	workers  jetstream.KeyValue
	parts    jetstream.ObjectStore
	orders   jetstream.ObjectStore
}

// setupFlags are those of what is made once.
type setupFlags struct {
	Replicas  int           `group:"Setup:" default:"1" placeholder:"N" help:"Servers that keep each message; 3 on a cluster. The default is ${default}."`
	AckWait   time.Duration `group:"Setup:" default:"30s" help:"How long nothing may be heard of a worker before its shoppers go to others; the default is ${default}."`
	MaxInWork int           `group:"Setup:" default:"1000" placeholder:"N" help:"Shoppers that may be in work or wait to be tried again, of all workers together; the default is ${default}."`
}

// setUp makes what is not there, and sets what has changed.
func (f *setupFlags) setUp(ctx context.Context, conn *nats.Conn) error {
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return persist(ctx, func(ctx context.Context) error {
		_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name:       workStream,
			Subjects:   []string{workSubject + ">"},
			Retention:  jetstream.WorkQueuePolicy,
			Storage:    jetstream.FileStorage,
			Replicas:   f.Replicas,
			Duplicates: 30 * time.Minute,
		})
		if err != nil {
			return err
		}
		_, err = js.CreateOrUpdateConsumer(ctx, workStream, jetstream.ConsumerConfig{
			Durable:       consumerName,
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       f.AckWait,
			MaxAckPending: f.MaxInWork,
			// A delivery is not a try: a worker that is killed costs its shoppers
			// one. And JetStream drops in silence what was delivered too often. The
			// tries are counted in the place.
			MaxDeliver: -1,
		})
		if err != nil {
			return err
		}
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name:       deadStream,
			Subjects:   []string{deadSubject + ">"},
			Storage:    jetstream.FileStorage,
			Replicas:   f.Replicas,
			Duplicates: 30 * time.Minute,
		})
		if err != nil {
			return err
		}
		for _, bucket := range []jetstream.KeyValueConfig{
			{Bucket: placeBucket},
			{Bucket: configBucket},
			{Bucket: workerBucket, TTL: 3 * beat},
		} {
			bucket.Storage, bucket.Replicas = jetstream.FileStorage, f.Replicas
			if _, err := js.CreateOrUpdateKeyValue(ctx, bucket); err != nil {
				return err
			}
		}
		for _, bucket := range []jetstream.ObjectStoreConfig{{Bucket: partBucket, TTL: partsKept}, {Bucket: orderBucket}} {
			bucket.Storage, bucket.Replicas = jetstream.FileStorage, f.Replicas
			if _, err := js.CreateOrUpdateObjectStore(ctx, bucket); err != nil {
				return err
			}
		}
		return nil
	})
}

// errNotSetUp says that nothing has been published yet.
var errNotSetUp = errors.New("there is no fleet on this NATS yet: fleet publish makes it")

// openEngine opens what setUp has made.
func openEngine(ctx context.Context, conn *nats.Conn) (*engine, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	e := &engine{conn: conn, js: js}
	err = persist(ctx, func(ctx context.Context) (err error) {
		if e.work, err = js.Stream(ctx, workStream); err != nil {
			return err
		}
		if e.consumer, err = js.Consumer(ctx, workStream, consumerName); err != nil {
			return err
		}
		if e.dead, err = js.Stream(ctx, deadStream); err != nil {
			return err
		}
		for name, bucket := range map[string]*jetstream.KeyValue{placeBucket: &e.places, configBucket: &e.config, workerBucket: &e.workers} {
			if *bucket, err = js.KeyValue(ctx, name); err != nil {
				return err
			}
		}
		for name, bucket := range map[string]*jetstream.ObjectStore{partBucket: &e.parts, orderBucket: &e.orders} {
			if *bucket, err = js.ObjectStore(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
	for _, missing := range []error{jetstream.ErrStreamNotFound, jetstream.ErrConsumerNotFound, jetstream.ErrBucketNotFound} {
		if errors.Is(err, missing) {
			return nil, errNotSetUp
		}
	}
	return e, err
}

// How long one try of anything at NATS may take: the first one little, because
// an answer that was lost with a server does not come any more; the later ones
// as much as a large object needs.
const (
	firstTry   = 2 * time.Second
	longestTry = time.Minute
)

// lastWords is how long a worker takes leave of NATS.
const lastWords = 5 * time.Second

// persist calls f until it succeeds, or fails because of anything else than
// that NATS is away: a server that is started again, a leader that is elected.
// The worker then waits, and keeps what it has read.
func persist(ctx context.Context, f func(context.Context) error) error {
	const longest = 2 * time.Second
	wait, timeout := 20*time.Millisecond, firstTry
	for {
		try, cancel := context.WithTimeout(ctx, timeout)
		err := f(try)
		cancel()
		if err == nil || !isAway(err) {
			return err
		}
		if pause(ctx, wait) != nil {
			return fmt.Errorf("%w (NATS: %w)", ctx.Err(), err)
		}
		wait, timeout = min(2*wait, longest), min(2*timeout, longestTry)
	}
}

// isAway reports whether the error is one that passes when NATS is there again.
func isAway(err error) bool {
	for _, away := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, jetstream.ErrNoStreamResponse,
		nats.ErrDisconnected, nats.ErrConnectionReconnecting, nats.ErrStaleConnection, nats.ErrReconnectBufExceeded,
		nats.ErrNoServers, errBehind,
	} {
		if errors.Is(err, away) {
			return true
		}
	}
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.Code == 503
}

// pause waits, unless the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// workerName is one that no other worker has.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return fmt.Sprintf("%s-%d", token(host), os.Getpid())
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

type publishCmd struct {
	natsFlags
	setupFlags

	Key     string `name:"key" group:"Tokens:" env:"FLEET_KEY" placeholder:"KEY" help:"Key of the tokens in messages: 32 random bytes in base64. Set it in the environment, not here."`
	RunName string `name:"run" placeholder:"NAME" help:"Name of the run; the default is the date, in UTC."`
	List    string `arg:"" help:"Shoppers, a JSON object a line: {\"api\":\"mercur\",\"shopper\":\"cus_1\",\"token\":\"…\"}, or token_ref. - is standard input."`
}

// Run publishes the list. To do so again with the same run does no harm.
func (c *publishCmd) Run(ctx context.Context, std streams) error {
	in := std.in
	if c.List != "-" {
		file, err := os.Open(c.List)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	if c.RunName == "" {
		c.RunName = time.Now().UTC().Format(time.DateOnly)
	}
	seal, err := newSealer(c.Key)
	if err != nil {
		return err
	}
	conn, err := c.connect("publish")
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.setUp(ctx, conn); err != nil {
		return err
	}
	p := publisher{conn: conn, run: c.RunName, seal: seal}
	if err := p.publish(ctx, in); err != nil {
		return fmt.Errorf("after %d shoppers: %w; publish again: nobody is taken twice", p.published+p.known, err)
	}
	std.say("run %s: published %d shoppers; %d were there already\n", c.RunName, p.published, p.known)
	return nil
}

// publisher writes messages.
type publisher struct {
	conn             *nats.Conn
	run              string
	seal             *sealer
	published, known int
}

// maxUnderWay is how many messages may wait for their acknowledgement.
const maxUnderWay = 512

func (p *publisher) publish(ctx context.Context, list io.Reader) error {
	js, err := jetstream.New(p.conn, jetstream.WithPublishAsyncMaxPending(2*maxUnderWay))
	if err != nil {
		return err
	}
	if p.seal != nil {
		// A worker with another key would give up everybody.
		err := persist(ctx, func(ctx context.Context) error {
			config, err := js.KeyValue(ctx, configBucket)
			if err != nil {
				return err
			}
			_, err = config.PutString(ctx, keyIDKey, p.seal.id)
			return err
		})
		if err != nil {
			return err
		}
	}
	var underWay []jetstream.PubAckFuture
	lines := bufio.NewScanner(list)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		message, err := p.message(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		ack, err := js.PublishMsgAsync(message)
		if err != nil {
			return err
		}
		if underWay = append(underWay, ack); len(underWay) == maxUnderWay {
			if err := p.await(ctx, underWay); err != nil {
				return err
			}
			underWay = underWay[:0]
		}
	}
	return errors.Join(lines.Err(), p.await(ctx, underWay))
}

// message never quotes the line: it has a token.
func (p *publisher) message(line []byte) (*nats.Msg, error) {
	var l listed
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, errors.New("no JSON object with strings")
	}
	j := job{Run: p.run, API: l.API, Shopper: l.Shopper, TokenRef: l.TokenRef}
	if l.Token != "" {
		if p.seal == nil {
			return nil, errors.New("has a token, which is to be encrypted: set FLEET_KEY, or refer to tokens by name")
		}
		j.Token = p.seal.seal(j, l.Token)
	}
	if err := j.check(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	message := nats.NewMsg(workSubject + j.API)
	message.Header.Set(jetstream.MsgIDHeader, j.key())
	message.Data = data
	return message, nil
}

func (p *publisher) await(ctx context.Context, acks []jetstream.PubAckFuture) error {
	for _, ack := range acks {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ack.Err():
			return err
		case ok := <-ack.Ok():
			if ok.Duplicate {
				p.known++
			} else {
				p.published++
			}
		}
	}
	return nil
}

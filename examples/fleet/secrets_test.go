package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// Everything that the processes wrote is read byte for byte: the store of NATS
// (messages, subjects, places, dead letters), the orders, the logs.
func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	t.Parallel()
	c, tokenDir := newCrowd(t), t.TempDir()
	echoed, refusedOne, byName := c.mercur(3), c.mercur(3), c.salesive(3)
	for range 3 {
		c.mercur(4)
	}
	// A shop that says the token again, in an error that ends as a dead letter.
	c.Inject(storeorderstest.Answer(500, fmt.Sprintf(`{"type":"unknown_error","message":"no such token: %s"}`, echoed.Token)), of(echoed))
	c.Inject(storeorderstest.Answer(401, fmt.Sprintf(`{"message":"no such token: %s"}`, refusedOne.Token)), of(refusedOne))
	for i := range c.list {
		if c.list[i] == byName {
			c.list[i].Token, c.list[i].TokenRef = "", "byname"
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(tokenDir, "byname"), []byte(byName.Token+"\n"), 0o600))

	server := startNATS(t)
	c.publish(server.url, "--ack-wait", "1s")
	victims := make(chan *process, 1)
	c.at(2, func() { (<-victims).kill() })
	first := c.work(server.url, "--page", "2", "--tokens", tokenDir)
	victims <- first
	<-first.ended
	second := c.work(server.url, "--page", "2", "--tokens", tokenDir)
	require.Equal(t, 0, second.code(t))
	e := look(t, server.url)
	require.Len(t, deadLetters(t, e), 1)
	assert.Equal(t, done, placeOf(t, e, byName).State)
	var told bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"results", "--nats", server.url, "--run", "run"}, streams{nil, &told, &told}))
	server.signal(syscall.SIGTERM)
	<-server.ended

	all := documents(t, server.args[2])
	for i, p := range []*process{first, second, server.process} {
		all[fmt.Sprintf("output of process %d", i)] = p.out.String() + p.err.String()
	}
	all["results"] = told.String()
	assert.Contains(t, strings.Join(values(all), ""), "no such token", "the errors are told")
	raw, err := base64.StdEncoding.DecodeString(testKey)
	require.NoError(t, err)
	secrets := []string{testKey, string(raw), c.PublishableKey, byName.Token}
	for _, l := range c.list {
		if l.Token != "" {
			secrets = append(secrets, l.Token)
		}
	}
	for name, text := range all {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				assert.Fail(t, "a secret is written", "%s in %s", secret[:8], name)
			}
		}
	}
}

func values(texts map[string]string) []string {
	var list []string
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

func TestATokenOpensForItsShopperOnly(t *testing.T) {
	t.Parallel()
	seal, err := newSealer(testKey)
	require.NoError(t, err)
	j := job{Run: "run", API: mercurAPI, Shopper: "a"}
	j.Token = seal.seal(j, "SECRET")
	assert.NotEqual(t, j.Token, seal.seal(j, "SECRET"), "no two look the same")
	keys := tokens{sealer: seal}
	got, err := keys.of(j)
	require.NoError(t, err)
	assert.Equal(t, "SECRET", got)

	for name, change := range map[string]func(*job){
		"another shopper":   func(j *job) { j.Shopper = "b" },
		"another run":       func(j *job) { j.Run = "run2" },
		"another API":       func(j *job) { j.API = salesiveAPI },
		"another byte":      func(j *job) { j.Token = append([]byte{j.Token[0] ^ 1}, j.Token[1:]...) },
		"too short":         func(j *job) { j.Token = j.Token[:5] },
		"a name, no folder": func(j *job) { j.Token, j.TokenRef = nil, "a" },
	} {
		other := j
		change(&other)
		_, err := keys.of(other)
		require.ErrorIs(t, err, errToken, name)
		assert.NotContains(t, err.Error(), "SECRET")
	}
	second, err := newSealer(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 32)))
	require.NoError(t, err)
	_, err = second.open(j)
	require.ErrorIs(t, err, errToken)
	assert.NotEqual(t, seal.id, second.id)
	_, err = tokens{}.of(j)
	require.ErrorIs(t, err, errToken)
}

func TestAKeyIs32Bytes(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"SECRET", base64.StdEncoding.EncodeToString([]byte("SECRET"))} {
		_, err := newSealer(key)
		require.ErrorContains(t, err, "32 bytes")
		assert.NotContains(t, err.Error(), key)
	}
	none, err := newSealer("")
	require.NoError(t, err)
	assert.Nil(t, none)
}

// The name of a token comes in a message.
func TestANameOfATokenDoesNotLeaveTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "outside"), []byte("SECRET"), 0o600))
	inside := filepath.Join(dir, "tokens")
	require.NoError(t, os.Mkdir(inside, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "a"), []byte("token\n"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "outside"), filepath.Join(inside, "link")))
	keys := tokens{dir: inside}
	got, err := keys.of(job{TokenRef: "a"})
	require.NoError(t, err)
	assert.Equal(t, "token", got)
	for _, name := range []string{"../outside", "link", filepath.Join(dir, "outside"), "none", "."} {
		_, err := keys.of(job{TokenRef: name})
		require.ErrorIs(t, err, errToken, name)
	}
}

// It would give up everybody.
func TestAWorkerWithAnotherKeyDoesNotWork(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(1)
	url := embedded(t)
	c.publish(url)
	for _, key := range []string{"", "FLEET_KEY=" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 32))} {
		p := start(t, append(c.environment(url), "FLEET_KEY=", key), "work", "--until-done")
		assert.Equal(t, exitError, p.code(t))
		assert.Contains(t, p.err.String(), "the key of the tokens: ")
	}
	assert.Empty(t, c.Requests())

	// One that is at work when the key changes ends.
	w := c.worker(url, "worker", func(c *workCmd) { c.UntilDone = false })
	ended := make(chan error)
	go func() { ended <- w.run(t.Context()) }()
	eventually(t, "it works", func() bool { return placeOf(t, w.engine, shopper).State == done })
	_, err := w.engine.config.PutString(t.Context(), keyIDKey, "another")
	require.NoError(t, err)
	require.ErrorIs(t, <-ended, errKey)
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// output is where the orders of a shopper go. A worker writes them under its
// claim, where nobody looks; then the place says that this claim is done, which
// only one of several workers can bring about; then they are settled.
type output interface {
	// write keeps the document under the claim.
	write(ctx context.Context, key, claim string, document []byte) error
	// settle makes what the claim wrote the shopper's. It may be called again,
	// by other workers too.
	settle(ctx context.Context, h *held) error
	// discard removes what a claim wrote that came to nothing.
	discard(ctx context.Context, key, claim string) error
	// read returns the shopper's document.
	read(ctx context.Context, h *held) ([]byte, error)
}

func digest(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// objects is an output in the JetStream object store: an object by the name of
// key and claim. The place tells which of them counts.
type objects struct{ store jetstream.ObjectStore }

func objectName(key, claim string) string { return key + "/" + claim }

func (o objects) write(ctx context.Context, key, claim string, document []byte) error {
	return putObject(ctx, o.store, objectName(key, claim), document)
}

func (o objects) settle(context.Context, *held) error { return nil }

func (o objects) discard(ctx context.Context, key, claim string) error {
	return deleteObject(ctx, o.store, objectName(key, claim))
}

func (o objects) read(ctx context.Context, h *held) ([]byte, error) {
	return getObject(ctx, o.store, objectName(h.key, h.Claim))
}

func putObject(ctx context.Context, store jetstream.ObjectStore, name string, data []byte) error {
	return persist(ctx, func(ctx context.Context) error {
		_, err := store.PutBytes(ctx, name, data)
		return err
	})
}

// getObject looks again before it believes that there is no such object: the
// replica that answers may be behind.
func getObject(ctx context.Context, store jetstream.ObjectStore, name string) (data []byte, err error) {
	for looks := 1; ; looks++ {
		err := persist(ctx, func(ctx context.Context) error {
			data, err = store.GetBytes(ctx, name)
			return err
		})
		if !errors.Is(err, jetstream.ErrObjectNotFound) || looks == 3 || pause(ctx, 200*time.Millisecond) != nil {
			return data, err
		}
	}
}

func deleteObject(ctx context.Context, store jetstream.ObjectStore, name string) error {
	err := persist(ctx, func(ctx context.Context) error { return store.Delete(ctx, name) })
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil
	}
	return err
}

// folder is an output of files, DIR/RUN/API/SHOPPER.ndjson. All workers must
// have the same folder: those of one machine, or a shared one.
type folder struct{ dir string }

func (f folder) file(key string) string {
	run, rest, _ := strings.Cut(key, ".")
	api, shopper, _ := strings.Cut(rest, ".")
	return filepath.Join(f.dir, run, api, shopper+".ndjson")
}

// draft is the file of a claim that has not settled: hidden, and beside the
// file that it becomes.
func (f folder) draft(key, claim string) string {
	dir, name := filepath.Split(f.file(key))
	return filepath.Join(dir, "."+name+"."+claim)
}

func (f folder) write(_ context.Context, key, claim string, document []byte) error {
	name := f.draft(key, claim)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil { // orders are nobody else's business
		return err
	}
	return writeFile(name, document)
}

// writeFile writes a file that is on the disk when it returns.
func writeFile(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // keys are plain words
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func (f folder) settle(_ context.Context, h *held) error {
	name := f.file(h.key)
	err := os.Rename(f.draft(h.key, h.Claim), name)
	if errors.Is(err, fs.ErrNotExist) { // somebody has settled it
		document, err := os.ReadFile(name) //nolint:gosec // keys are plain words
		if err != nil || digest(document) != h.Digest {
			return fmt.Errorf("the orders of %s are not in this folder: all workers must have the same one", h.key)
		}
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name)) // the name has to be on the disk, too
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f folder) discard(_ context.Context, key, claim string) error {
	err := os.Remove(f.draft(key, claim))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f folder) read(_ context.Context, h *held) ([]byte, error) { return os.ReadFile(f.file(h.key)) }

package storeorders

import (
	"encoding/binary"
	"hash/maphash"
	"maps"
)

// idSet knows ids by 64 bits of a keyed hash, so that no server can choose ids
// that collide. Should two collide by chance, one order is taken for a repeat,
// and the walk ends in an IncompleteError, not in silence.
//
// The hashes are kept as bytes: a map of uint64 pads each to 16 bytes, and
// takes 38 bytes an id where this one takes 13 to 23.
type idSet struct {
	seed   maphash.Seed
	hashes map[[8]byte]struct{}
}

func newIDSet() *idSet {
	return &idSet{maphash.MakeSeed(), make(map[[8]byte]struct{})}
}

func (s *idSet) hash(id string) (hash [8]byte) {
	binary.NativeEndian.PutUint64(hash[:], maphash.String(s.seed, id))
	return hash
}

func (s *idSet) len() int { return len(s.hashes) }

func (s *idSet) has(id string) bool {
	_, known := s.hashes[s.hash(id)]
	return known
}

// add reports whether the id is new.
func (s *idSet) add(id string) bool {
	before := len(s.hashes)
	s.hashes[s.hash(id)] = struct{}{}
	return len(s.hashes) > before
}

// empty returns a set without ids that takes the same ids for equal: so no
// collision is hidden from one of two sets that are compared.
func (s *idSet) empty() *idSet { return &idSet{s.seed, make(map[[8]byte]struct{})} }

func (s *idSet) clone() *idSet { return &idSet{s.seed, maps.Clone(s.hashes)} }

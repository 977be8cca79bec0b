package storeorderstest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestSeqYieldsTheItemsAndThenTheError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		items []string
		err   error
	}{
		"nothing":              {nil, nil},
		"items":                {[]string{"a", "b"}, nil},
		"an error":             {nil, broken},
		"items, then an error": {[]string{"a", "b"}, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seq := storeorderstest.Seq(tt.items, tt.err)
			for range 2 { // a second range begins afresh
				got, err := storeorders.Collect(seq, 0)
				assert.Equal(t, tt.items, got)
				assert.Equal(t, tt.err, err)
			}
		})
	}
}

func TestSeqEndsWithABreak(t *testing.T) {
	t.Parallel()
	for item, err := range storeorderstest.Seq([]string{"a", "b"}, errors.New("broken")) {
		assert.Equal(t, "a", item)
		assert.NoError(t, err)
		break
	}
}

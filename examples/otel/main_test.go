package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunPrintsSpansAndMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out))

		spans, metrics := map[string]int{}, 0
		for decoder := json.NewDecoder(&out); decoder.More(); {
			var line struct {
				Name         string
				ScopeMetrics []json.RawMessage
			}
			require.NoError(t, decoder.Decode(&line))
			if line.ScopeMetrics != nil {
				metrics++
				continue
			}
			spans[line.Name]++
		}
		assert.Equal(t, 1, metrics)
		assert.Equal(t, map[string]int{
			"OrderGroups.List": 1, "GET /store/order-groups": 2, // a 503, and a retry
			"OrderGroups.Get": 3, "GET /store/order-groups/{id}": 3,
			"Orders.All": 1, "GET /orders": 2,
		}, spans)
	})
}

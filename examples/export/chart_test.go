package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// element is one of a drawing.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) number(t *testing.T, name string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(e.attr(name), 64)
	require.NoError(t, err)
	return n
}

// all are the elements of that name at any depth.
func (e element) all(name string) []element {
	var found []element
	for _, child := range e.Children {
		if child.XMLName.Local == name {
			found = append(found, child)
		}
		found = append(found, child.all(name)...)
	}
	return found
}

// drawn is the chart of that many orders in the months, of which January 2026 is 0.
func drawn(t *testing.T, noun string, months map[int]int) element {
	t.Helper()
	s := newStats(noun, "status")
	for month, orders := range months {
		for range orders {
			s.add(record{created: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC).AddDate(0, month, 0)})
		}
	}
	data, err := s.chart()
	require.NoError(t, err)
	d := xml.NewDecoder(strings.NewReader(string(data)))
	d.Strict = true
	var svg element
	require.NoError(t, d.Decode(&svg))
	_, err = d.Token()
	require.True(t, errors.Is(err, io.EOF) || err == nil, err)
	require.Equal(t, xml.Name{Space: "http://www.w3.org/2000/svg", Local: "svg"}, svg.XMLName)
	return svg
}

// bars are those with a title of their own.
func (e element) bars() []element {
	var bars []element
	for _, rect := range e.all("rect") {
		if len(rect.Children) > 0 {
			bars = append(bars, rect)
		}
	}
	return bars
}

func TestChartHasABarForEachMonthAndRoomForThoseBetween(t *testing.T) {
	t.Parallel()
	svg := drawn(t, "orders", map[int]int{0: 2, 1: 4, 3: 1})
	bars := svg.bars()
	require.Len(t, bars, 3)
	assert.Equal(t, "January 2026: 2", bars[0].all("title")[0].Text)
	assert.Equal(t, "February 2026: 4", bars[1].all("title")[0].Text)
	assert.Equal(t, "April 2026: 1", bars[2].all("title")[0].Text)

	month := bars[1].number(t, "x") - bars[0].number(t, "x")
	assert.InDelta(t, 2*month, bars[2].number(t, "x")-bars[1].number(t, "x"), 0.1, "March has no orders, but a place")
	assert.InDelta(t, bars[0].number(t, "height")*2, bars[1].number(t, "height"), 0.1)
	for _, bar := range bars {
		assert.InDelta(t, 350, bar.number(t, "y")+bar.number(t, "height"), 0.1, "stands on the axis")
	}
}

func TestChartCanBeReadAloud(t *testing.T) {
	t.Parallel()
	svg := drawn(t, "a <b> & c", map[int]int{0: 2, 14: 3})
	assert.Equal(t, "img", svg.attr("role"))
	assert.Equal(t, "title desc", svg.attr("aria-labelledby"))
	assert.Equal(t, "A <b> & c by month", svg.all("title")[0].Text)
	assert.Equal(t, "5 a <b> & c from January 2026 to March 2027, the most in March 2027: 3", svg.all("desc")[0].Text)
}

func TestChartOfNothingIsAChart(t *testing.T) {
	t.Parallel()
	svg := drawn(t, "orders", nil)
	assert.Empty(t, svg.bars())
	assert.Equal(t, "0 orders", svg.all("desc")[0].Text)

	s := newStats("orders", "status")
	s.add(record{})
	data, err := s.chart()
	require.NoError(t, err)
	assert.Contains(t, string(data), "0 orders; 1 more have no date")
	assert.NotContains(t, string(data), "NaN")
	assert.NotContains(t, string(data), "Inf")
}

// However many months and orders: labels have room, and numbers are integers.
func TestChartIsReadableAtAnySize(t *testing.T) {
	t.Parallel()
	for _, months := range []int{1, 2, 12, 13, 24, 25, 36, 60, 100, 144, 240, 600, 1200, 12000} {
		for _, most := range []int{1, 3, 7, 99, 1000} {
			t.Run(fmt.Sprintf("%d months, up to %d orders", months, most), func(t *testing.T) {
				t.Parallel()
				svg := drawn(t, "orders", map[int]int{0: 1, months - 1: most})
				var labels []float64
				var scale []int
				for _, text := range svg.all("text") {
					if _, err := time.Parse("Jan", text.Text); err == nil {
						labels = append(labels, text.number(t, "x"))
					}
					if n, err := strconv.Atoi(text.Text); err == nil && text.attr("x") == "62" {
						scale = append(scale, n)
					}
				}
				require.NotEmpty(t, labels)
				for i := 1; i < len(labels); i++ {
					assert.GreaterOrEqual(t, labels[i]-labels[i-1], 35.9)
				}
				assert.GreaterOrEqual(t, len(labels), min(months, 6))
				assert.GreaterOrEqual(t, scale[len(scale)-1], most)
				assert.GreaterOrEqual(t, len(scale), 2)
				assert.LessOrEqual(t, len(scale), 7)
				for _, bar := range svg.bars() {
					assert.GreaterOrEqual(t, bar.number(t, "x"), 69.5)
					assert.LessOrEqual(t, bar.number(t, "x")+bar.number(t, "width"), 940.5)
					assert.GreaterOrEqual(t, bar.number(t, "y"), 60.0)
				}
			})
		}
	}
}

func TestAChartThatCannotBeWrittenIsRefusedBeforeTheExport(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	file := tempFile(t)
	got := runArgs(t, shop.salesive("--output", file, "--chart", filepath.Join(t.TempDir(), "nowhere", "chart.svg"))...)
	assert.Equal(t, exitError, got.code)
	assert.Contains(t, got.err, "--chart: ")
	assert.NoFileExists(t, file)
	shop.AssertRequests(t)
}

func TestToSeeWhetherAChartCanBeWrittenLeavesTheFileAsItIs(t *testing.T) {
	t.Parallel()
	file := tempFile(t)
	require.NoError(t, checkChart(file))
	assert.NoFileExists(t, file)
	require.NoError(t, os.WriteFile(file, []byte("<svg/>"), 0o600))
	require.NoError(t, checkChart(file))
	assert.Equal(t, "<svg/>", contents(t, file))
}

func TestAChartThatIsNotWrittenIsToldBesideTheOrders(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrders(shop.ada, 3, 1)
	chart := tempFile(t)
	shop.Inject(storeorderstest.Before(func() { assert.NoError(t, os.Mkdir(chart, 0o700)) })) // in its place, meanwhile
	got := runArgs(t, shop.salesive("--chart", chart)...)
	assert.Equal(t, exitError, got.code)
	assert.Equal(t, 3, strings.Count(got.out, "\n"))
	assert.Contains(t, got.err, "the orders were written, but not the chart: ")
}

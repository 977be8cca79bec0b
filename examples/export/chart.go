package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The bars stand between 70 and 940 across, and on 350 down.
const chartSVG = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="420" viewBox="0 0 960 420" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="#444">
  <title id="title">{{.Title}}</title>
  <desc id="desc">{{.Description}}</desc>
  <rect width="960" height="420" fill="#fff"/>
  <text x="70" y="24" font-size="18" fill="#111">{{.Title}}</text>
  <text x="70" y="43">{{.Description}}</text>
  <g stroke="#ddd">{{range .Rules}}
    <line x1="70" x2="940" y1="{{printf "%.2f" .Y}}" y2="{{printf "%.2f" .Y}}"/>{{end}}
  </g>
  <g text-anchor="end">{{range .Rules}}
    <text x="62" y="{{printf "%.2f" .Y}}" dy="4">{{.Text}}</text>{{end}}
  </g>
  <g fill="#2f6f9f">{{range .Bars}}
    <rect x="{{printf "%.2f" .X}}" y="{{printf "%.2f" .Y}}" width="{{printf "%.2f" .Width}}" height="{{printf "%.2f" .Height}}"><title>{{.Text}}</title></rect>{{end}}
  </g>
  <line x1="70" x2="940" y1="350" y2="350" stroke="#444"/>
  <g text-anchor="middle">{{range .Labels}}
    <text x="{{printf "%.2f" .X}}" y="367">{{.Text}}</text>{{if .Year}}
    <text x="{{printf "%.2f" .X}}" y="383" font-weight="bold">{{.Year}}</text>{{end}}{{end}}
  </g>
  <text x="505" y="410" text-anchor="middle">Month (UTC)</text>
  <text transform="translate(18 205) rotate(-90)" text-anchor="middle">{{.Noun}}</text>
</svg>
`

// mark is a bar, a line of the grid or a label.
type mark struct {
	X, Y, Width, Height float64
	Text, Year          string
}

// checkChart finds out whether the file can be written before it takes an
// export to know. It leaves no new file behind.
func checkChart(file string) error {
	if file == "" {
		return nil
	}
	_, missing := os.Stat(file)
	f, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("--chart: %w", err)
	}
	err = f.Close()
	if errors.Is(missing, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

func (s *stats) writeChart(file string) error {
	svg, err := s.chart()
	if err != nil {
		return err
	}
	return os.WriteFile(file, svg, 0o600)
}

// chart draws how many orders each month has, months without any among them.
func (s *stats) chart() ([]byte, error) {
	const left, right, top, bottom = 70, 940, 60, 350
	most, mostIn, months := 0, "", 0
	if s.dated > 0 {
		months = (s.last.Year()-s.first.Year())*12 + int(s.last.Month()-s.first.Month()) + 1
	}
	width := (right - left) / float64(max(months, 1))
	every := labelEvery(width)
	var bars, labels, rules []mark
	for i := range months {
		month := monthOf(s.first).AddDate(0, i, 0)
		x, n := left+(float64(i)+0.5)*width, s.byMonth[month]
		if n > 0 {
			thick := max(min(width*0.8, 80), 0.5)
			bars = append(bars, mark{X: x - thick/2, Width: thick, Height: float64(n), Text: fmt.Sprintf("%s: %d", month.Format("January 2006"), n)})
		}
		if n > most {
			most, mostIn = n, month.Format("January 2006")
		}
		if (month.Year()*12+int(month.Month())-1)%every == 0 {
			label := mark{X: x, Text: month.Format("Jan")}
			if month.Month() == time.January || len(labels) == 0 {
				label.Year = month.Format("2006")
			}
			labels = append(labels, label)
		}
	}
	step := niceStep(most)
	highest := max((most+step-1)/step, 1) * step
	height := (bottom - top) / float64(highest) // of one order
	for n := 0; n <= highest; n += step {
		rules = append(rules, mark{Y: bottom - float64(n)*height, Text: strconv.Itoa(n)})
	}
	for i := range bars {
		bars[i].Height *= height
		bars[i].Y = bottom - bars[i].Height
	}

	description := fmt.Sprintf("%d %s", s.dated, s.noun)
	if s.dated > 0 {
		description += fmt.Sprintf(" from %s to %s, the most in %s: %d", s.first.Format("January 2006"), s.last.Format("January 2006"), mostIn, most)
	}
	if s.dated < s.orders {
		description += fmt.Sprintf("; %d more have no date", s.orders-s.dated)
	}
	var svg bytes.Buffer
	err := template.Must(template.New("chart").Parse(chartSVG)).Execute(&svg, map[string]any{
		"Title": strings.ToUpper(s.noun[:1]) + s.noun[1:] + " by month", "Description": description, "Noun": s.noun,
		"Bars": bars, "Labels": labels, "Rules": rules,
	})
	return svg.Bytes(), err
}

// labelEvery is the distance of labels for which there is room, in months.
func labelEvery(width float64) int {
	const room = 36
	for _, every := range []int{1, 2, 3, 4, 6} {
		if float64(every)*width >= room {
			return every
		}
	}
	return 12 * int(math.Ceil(room/width/12))
}

// niceStep is 1, 2 or 5 times a power of ten, such that six steps reach n.
func niceStep(n int) int {
	for power := 1; ; power *= 10 {
		for _, step := range []int{power, 2 * power, 5 * power} {
			if step*6 >= n {
				return step
			}
		}
	}
}

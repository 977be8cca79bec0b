// Command walk walks all records with one client and prints what that cost, as
// one line of JSON. Every measurement is a process of its own, so that CPU
// time, allocations and peak memory are that client's alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"

	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/walks"
)

func main() {
	var result walks.Result
	flag.StringVar(&result.Client, "client", walks.Baseline, "client to walk with")
	flag.StringVar(&result.API, "api", pages.Mercur, "mercur or salesive")
	flag.IntVar(&result.Size, "size", 100, "records a page")
	flag.IntVar(&result.Records, "records", 1000, "records in all")
	flag.IntVar(&result.Rounds, "rounds", 1, "walks that are measured together")
	server := flag.String("server", "", "URL of the server, without settings")
	delay := flag.Duration("delay", 0, "time that the server takes for an answer")
	gzip := flag.Bool("gzip", false, "whether the server compresses")
	profile := flag.String("cpuprofile", "", "file for a CPU profile of the measured walks")
	flag.Parse()
	settings := pages.Settings{Records: result.Records, Delay: *delay, GZIP: *gzip}
	if err := measure(*server, settings, *profile, &result); err != nil {
		fmt.Fprintf(os.Stderr, "walk: %s: %v\n", result.Client, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, "walk:", err)
		os.Exit(1)
	}
}

func measure(server string, settings pages.Settings, profile string, result *walks.Result) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	task := walks.Task{API: result.API, Size: result.Size}
	newWalk := func(settings pages.Settings) (walks.Walk, error) {
		task.BaseURL, task.Records = server+settings.Path(), settings.Records
		return walks.New(result.Client, task)
	}

	// What is done once a process, such as looking at the types to decode into,
	// is done by a short walk before.
	warmUp, err := newWalk(pages.Settings{Records: min(settings.Records, 3*result.Size), GZIP: settings.GZIP})
	if err != nil {
		return err
	}
	if _, err := warmUp(ctx); err != nil {
		return err
	}
	walk, err := newWalk(settings)
	if err != nil {
		return err
	}
	if err := stats(ctx, http.MethodPost, server, &pages.Stats{}); err != nil {
		return err
	}
	debug.FreeOSMemory() // collects, too
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		return fmt.Errorf("reset the peak of the memory: %w", err)
	}

	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, file.Close())
		}()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	for range result.Rounds {
		if result.Found, err = walk(ctx); err != nil {
			return err
		}
	}
	wall, cpu := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&after)

	var sent pages.Stats
	if result.Peak, err = peakMiB(); err != nil {
		return err
	}
	if err := stats(ctx, http.MethodGet, server, &sent); err != nil {
		return err
	}
	rounds := float64(result.Rounds)
	result.CPU = cpu.Seconds() * 1e3 / rounds
	result.Wall = wall.Seconds() * 1e3 / rounds
	result.Mallocs = float64(after.Mallocs-before.Mallocs) / rounds
	result.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / rounds
	result.Connections = float64(sent.Connections)
	result.Requests = float64(sent.Requests) / rounds
	result.BodyBytes = float64(sent.BodyBytes) / rounds
	return nil
}

// cpuTime is what the process has used, with its garbage collector.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peakMiB is the peak of the resident memory since it was reset.
func peakMiB() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	number, _, _ := bytes.Cut(rest, []byte("kB"))
	kib, err := strconv.ParseFloat(string(bytes.TrimSpace(number)), 64)
	return kib / 1024, err
}

// stats reads the server's counters, or resets them.
func stats(ctx context.Context, method, server string, into *pages.Stats) error {
	request, err := http.NewRequestWithContext(ctx, method, server+"/stats", http.NoBody)
	if err != nil {
		return err
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}

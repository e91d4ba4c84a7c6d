// Agent says which system calls a BPF program counts and reports, and prints what it has to say.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

//go:generate bpfgen ../bpf/task.dsl -o task.h -o task.go --accessors
//go:generate bpfgen ../bpf/calls.dsl -o calls.h -o calls.go --accessors
//go:generate go tool bpf2go -no-global-types watcher ../bpf/calls.bpf.c -- -I.
//go:generate bpfgen verify watcher_bpfel.o ../bpf/calls.dsl

const usage = `usage: agent DIRECTORY load | unload | show | follow
       agent DIRECTORY watch PID NUMBER LEVEL LABEL
       agent DIRECTORY forget PID NUMBER`

// load loads the program and attaches it; the maps pin themselves, since they are declared so.
func load(directory string) error {
	spec, err := loadWatcher()
	if err != nil {
		return err
	}
	var loaded struct {
		CallsMaps
		OnCall *ebpf.Program `ebpf:"on_call"`
	}
	options := &ebpf.CollectionOptions{Maps: ebpf.MapOptions{PinPath: directory}}
	if err := spec.LoadAndAssign(&loaded, options); err != nil {
		return err
	}
	defer loaded.Close()
	attached, err := link.AttachRawTracepoint(link.RawTracepointOptions{
		Name:    "sys_enter",
		Program: loaded.OnCall,
	})
	if err != nil {
		return err
	}
	return attached.Pin(filepath.Join(directory, "on_call"))
}

func unload(directory string) error {
	var failed []error
	for _, name := range []string{"on_call", RulesMapName, CountsMapName, CallsMapName} {
		failed = append(failed, os.Remove(filepath.Join(directory, name)))
	}
	return errors.Join(failed...)
}

// pinned opens one of the maps that are pinned below directory.
func pinned[M any](directory, name string, typed func(*ebpf.Map) (M, error)) (M, error) {
	m, err := ebpf.LoadPinnedMap(filepath.Join(directory, name), nil)
	if err != nil {
		var none M
		return none, err
	}
	return typed(m)
}

func watch(rules RulesMap, key CallKey, level uint8, label uint16) error {
	rule := Rule{Action: ActionREPORT}
	rule.SetLevel(level)
	if level > 99 {
		rule.SetUrgent(1)
	}
	rule.SetLabelUint16(label)
	return rules.Put(key, rule)
}

func forget(rules RulesMap, counts CountsMap, key CallKey) error {
	if err := counts.Delete(key); err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
		return err // there is none before the first call
	}
	return rules.Delete(key)
}

func show(rules RulesMap, counts CountsMap) error {
	all, failed := rules.All()
	for key, rule := range all {
		byCPU, err := counts.Lookup(key)
		if err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
			return err
		}
		var calls uint64
		for _, count := range byCPU {
			calls += count.Calls
		}
		fmt.Printf("rule pid=%d number=%d calls=%d %s\n", key.Pid(), key.Number(), calls, words(&rule))
	}
	return failed()
}

// follow prints the records that are there.
func follow(calls CallsMap) error {
	reader, err := ringbuf.NewReader(calls.Map)
	if err != nil {
		return err
	}
	defer reader.Close()
	reader.SetDeadline(time.Now())
	for {
		record, err := reader.Read()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		call, err := calls.Decode(record.RawSample)
		if err != nil {
			return err
		}
		fmt.Printf("call pid=%d number=%d comm=%s %s\n",
			call.Key.Pid(), call.Key.Number(), call.Who.CommText(), words(&call.Rule))
	}
}

// words returns a rule as text.
func words(rule *Rule) string {
	return fmt.Sprintf("action=%s urgent=%d level=%d label=%d",
		rule.Action, rule.Urgent(), rule.Level(), rule.LabelUint16())
}

func run(directory, command string, arguments []string) error {
	var numbers [4]uint64
	for n, word := range arguments[:min(len(arguments), len(numbers))] {
		var err error
		if numbers[n], err = strconv.ParseUint(word, 10, 32); err != nil {
			return err
		}
	}
	var key CallKey
	key.SetPid(uint32(numbers[0]))
	key.SetNumber(uint16(numbers[1]))

	switch command {
	case "load":
		return load(directory)
	case "unload":
		return unload(directory)
	}
	rules, rulesErr := pinned(directory, RulesMapName, NewRulesMap)
	counts, countsErr := pinned(directory, CountsMapName, NewCountsMap)
	calls, callsErr := pinned(directory, CallsMapName, NewCallsMap)
	if err := errors.Join(rulesErr, countsErr, callsErr); err != nil {
		return err
	}
	switch {
	case command == "watch" && len(arguments) == 4:
		return watch(rules, key, uint8(numbers[2]), uint16(numbers[3]))
	case command == "forget" && len(arguments) == 2:
		return forget(rules, counts, key)
	case command == "show":
		return show(rules, counts)
	case command == "follow":
		return follow(calls)
	}
	return errors.New(usage)
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

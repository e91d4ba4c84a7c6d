package access

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"
)

func create(t *testing.T, spec ebpf.MapSpec) *ebpf.Map {
	t.Helper()
	m, err := ebpf.NewMap(&spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// must returns value, and fails the test where there is an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func isAbsent(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ebpf.ErrKeyNotExist) {
		t.Fatalf("%v is not ErrKeyNotExist", err)
	}
}

func hashed(t *testing.T) HashedMap {
	return must[HashedMap](t)(NewHashedMap(create(t, ebpf.MapSpec{
		Type: HashedMapType, KeySize: HashedMapKeySize, ValueSize: HashedMapValueSize,
		MaxEntries: HashedMapMaxEntries, Flags: HashedMapFlags,
	})))
}

func TestHash(t *testing.T) {
	m := hashed(t)
	var want Item
	want.Count = 7
	want.SetKind(5)
	want.SetLevel(30)
	want.SetHotBool(true)
	want.SetNameText("ab")
	key := ItemKey{A: 1, B: 2}
	_, err := m.Lookup(key)
	isAbsent(t, err)
	isAbsent(t, m.Delete(key))
	check(t, m.Put(key, want))
	if err := m.Update(key, want, ebpf.UpdateNoExist); !errors.Is(err, ebpf.ErrKeyExist) {
		t.Fatal(err)
	}
	have := must[Item](t)(m.Lookup(key))
	if have != want || have.Kind() != 5 || have.Level() != 30 || have.NameText() != "ab" {
		t.Fatalf("%+v", have)
	}
	bytes := must[[]byte](t)(m.Map.LookupBytes(&key))
	if bytes[8] != 5|30<<3 && bytes[8] != 5<<5|30 || bytes[9] != 1 || bytes[10] != 'a' {
		t.Fatalf("% x", bytes)
	}
	check(t, m.Put(ItemKey{A: 2}, Item{Count: 8}))
	var sum uint64
	entries, ended := m.All()
	for key, value := range entries {
		sum += uint64(key.A) * value.Count
	}
	check(t, ended())
	if sum != 1*7+2*8 {
		t.Fatal(sum)
	}
	if have := must[Item](t)(m.LookupAndDelete(key)); have != want {
		t.Fatalf("%+v", have)
	}
	_, err = m.Lookup(key)
	isAbsent(t, err)
	if have := must[Item](t)(m.Lookup(ItemKey{A: 2})); have.Count != 8 || have.Hot != 0 {
		t.Fatalf("%+v", have)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	m := hashed(t)
	key, value := ItemKey{A: 1}, Item{Count: 1}
	check(t, m.Put(key, value))
	aligned := must[ByAddressMap](t)(NewByAddressMap(create(t, ebpf.MapSpec{
		Type: ByAddressMapType, KeySize: ByAddressMapKeySize, ValueSize: ByAddressMapValueSize,
		MaxEntries: ByAddressMapMaxEntries,
	})))
	var address ByAddressMapKey
	address.SetAUint32(0xc0000201)
	var either ByAddressMapValue
	either.SetTextText("text")
	check(t, aligned.Put(address, either))
	if have := must[ByAddressMapValue](t)(aligned.Lookup(address)); have.TextText() != "text" {
		t.Fatal(have)
	}
	event := make([]byte, 100)
	for name, call := range map[string]func() error{
		"Put":             func() error { return m.Put(key, value) },
		"Lookup":          func() error { _, err := m.Lookup(key); return err },
		"Put of bytes":    func() error { return aligned.Put(address, either) },
		"Lookup of bytes": func() error { _, err := aligned.Lookup(address); return err },
		"Decode":          func() error { _, err := EventsMap{}.Decode(event); return err },
	} {
		count := testing.AllocsPerRun(200, func() {
			if err := call(); err != nil {
				t.Error(err)
			}
		})
		if count != 0 {
			t.Errorf("%s allocates %v times", name, count)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	spec := ebpf.MapSpec{
		Type: HashedMapType, KeySize: HashedMapKeySize, ValueSize: HashedMapValueSize, MaxEntries: 1,
	}
	m, err := ebpf.NewMap(&spec)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	typed := HashedMap{Map: m}
	key := ItemKey{A: 1}
	if err := typed.Put(key, Item{}); err != nil {
		b.Fatal(err)
	}
	b.Run("typed", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := typed.Lookup(key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			var value Item
			if err := m.Lookup(&key, &value); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestOtherMapsAreRefused(t *testing.T) {
	m := create(t, ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 24, MaxEntries: 1})
	if _, err := NewHashedMap(m); !errors.Is(err, ebpf.ErrMapIncompatible) {
		t.Fatal(err)
	} else {
		t.Log(err)
	}
}

func TestArrays(t *testing.T) {
	m := must[TableMap](t)(NewTableMap(create(t, ebpf.MapSpec{
		Type: TableMapType, KeySize: TableMapKeySize, ValueSize: TableMapValueSize,
		MaxEntries: TableMapMaxEntries,
	})))
	check(t, m.Put(3, Item{Count: 5}))
	isAbsent(t, func() error { _, err := m.Lookup(4); return err }())
	count := 0
	entries, ended := m.All()
	for range entries {
		count++
	}
	check(t, ended())
	if count != TableMapMaxEntries {
		t.Fatal(count)
	}
	wide := must[WideMap](t)(NewWideMap(create(t, ebpf.MapSpec{
		Type: WideMapType, KeySize: WideMapKeySize, ValueSize: WideMapValueSize, MaxEntries: 1,
	})))
	value := WideMapValue{99999: 9}
	check(t, wide.Put(0, value))
	if must[WideMapValue](t)(wide.Lookup(0)) != value {
		t.Fatal("a large value changed")
	}
	must[SizedMap](t)(NewSizedMap(create(t, ebpf.MapSpec{
		Type: SizedMapType, KeySize: SizedMapKeySize, ValueSize: SizedMapValueSize, MaxEntries: 3,
	})))
}

func TestPerCPU(t *testing.T) {
	cpus, err := ebpf.PossibleCPU()
	check(t, err)
	m := must[PerCpuMap](t)(NewPerCpuMap(create(t, ebpf.MapSpec{
		Type: PerCpuMapType, KeySize: PerCpuMapKeySize, ValueSize: PerCpuMapValueSize,
		MaxEntries: PerCpuMapMaxEntries,
	})))
	_, err = m.Lookup(1)
	isAbsent(t, err)
	check(t, m.Put(1, []uint64{11}))
	values := must[[]uint64](t)(m.Lookup(1))
	if len(values) != cpus || values[0] != 11 {
		t.Fatal(values)
	}
	entries, ended := m.All()
	for key, values := range entries {
		if key != 1 || values[0] != 11 {
			t.Fatal(key, values)
		}
	}
	check(t, ended())
	if must[[]uint64](t)(m.LookupAndDelete(1))[0] != 11 {
		t.Fatal("another value")
	}
	isAbsent(t, m.Delete(1))
	small := must[PerCpuSmallMap](t)(NewPerCpuSmallMap(create(t, ebpf.MapSpec{
		Type: PerCpuSmallMapType, KeySize: PerCpuSmallMapKeySize, ValueSize: PerCpuSmallMapValueSize,
		MaxEntries: PerCpuSmallMapMaxEntries,
	})))
	if PerCpuSmallMapStride != 8 {
		t.Fatal(PerCpuSmallMapStride)
	}
	all := make([][3]uint8, cpus)
	all[cpus-1] = [3]uint8{1, 2, 3}
	check(t, small.Put(1, all))
	if have := must[[][3]uint8](t)(small.Lookup(1)); have[cpus-1] != all[cpus-1] {
		t.Fatal(have)
	}
}

func TestPrefixes(t *testing.T) {
	m := must[PrefixesMap](t)(NewPrefixesMap(create(t, ebpf.MapSpec{
		Type: PrefixesMapType, KeySize: PrefixesMapKeySize, ValueSize: PrefixesMapValueSize,
		MaxEntries: PrefixesMapMaxEntries, Flags: PrefixesMapFlags,
	})))
	check(t, m.Put(PrefixesMapKey{Prefixlen: 8, Data: [4]uint8{10}}, 5))
	if must[uint32](t)(m.Lookup(PrefixesMapKey{Prefixlen: 32, Data: [4]uint8{10, 1}})) != 5 {
		t.Fatal("another prefix")
	}
}

func TestQueues(t *testing.T) {
	fifo := must[FifoMap](t)(NewFifoMap(create(t, ebpf.MapSpec{
		Type: FifoMapType, ValueSize: FifoMapValueSize, MaxEntries: FifoMapMaxEntries,
	})))
	_, err := fifo.Pop()
	isAbsent(t, err)
	for n := range uint64(4) {
		check(t, fifo.Push(Item{Count: n}))
	}
	if fifo.Push(Item{}) == nil {
		t.Fatal("it is full")
	}
	check(t, fifo.Update(Item{Count: 4}, ebpf.UpdateExist))
	if must[Item](t)(fifo.Peek()).Count != 1 || must[Item](t)(fifo.Pop()).Count != 1 {
		t.Fatal("another value came first")
	}
	lifo := must[LifoMap](t)(NewLifoMap(create(t, ebpf.MapSpec{
		Type: LifoMapType, ValueSize: LifoMapValueSize, MaxEntries: LifoMapMaxEntries,
	})))
	check(t, lifo.Push(1))
	check(t, lifo.Push(2))
	if must[uint32](t)(lifo.Pop()) != 2 {
		t.Fatal("another value came first")
	}
	filter := must[FilterMap](t)(NewFilterMap(create(t, ebpf.MapSpec{
		Type: FilterMapType, ValueSize: FilterMapValueSize, MaxEntries: FilterMapMaxEntries,
	})))
	check(t, filter.Add(1<<40))
	if !must[bool](t)(filter.Contains(1 << 40)) {
		t.Fatal("what was added is not there")
	}
	absent := 0
	for n := range uint64(32) {
		if !must[bool](t)(filter.Contains(n)) {
			absent++
		}
	}
	if absent < 16 {
		t.Fatal("most of what was not added is there")
	}
}

func TestMapsOfMaps(t *testing.T) {
	inner := create(t, ebpf.MapSpec{
		Type: OuterMapInnerType, KeySize: OuterMapInnerKeySize, ValueSize: OuterMapInnerValueSize,
		MaxEntries: OuterMapInnerMaxEntries,
	})
	m := must[OuterMap](t)(NewOuterMap(create(t, ebpf.MapSpec{
		Type: OuterMapType, KeySize: OuterMapKeySize, ValueSize: OuterMapValueSize,
		MaxEntries: OuterMapMaxEntries,
		InnerMap: &ebpf.MapSpec{
			Type: OuterMapInnerType, KeySize: OuterMapInnerKeySize,
			ValueSize: OuterMapInnerValueSize, MaxEntries: OuterMapInnerMaxEntries,
		},
	})))
	_, err := m.Lookup(1)
	isAbsent(t, err)
	check(t, m.Put(1, inner))
	typed := must[OuterMapInner](t)(NewOuterMapInner(inner))
	check(t, typed.Put(1, 77))
	found := must[*ebpf.Map](t)(m.Lookup(1))
	defer found.Close()
	if must[uint64](t)(must[OuterMapInner](t)(NewOuterMapInner(found)).Lookup(1)) != 77 {
		t.Fatal("another map")
	}
	check(t, m.Delete(1))
}

func TestDescriptors(t *testing.T) {
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type:         ebpf.SocketFilter,
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		License:      "GPL",
	})
	check(t, err)
	defer program.Close()
	jumps := must[JumpsMap](t)(NewJumpsMap(create(t, ebpf.MapSpec{
		Type: JumpsMapType, KeySize: JumpsMapKeySize, ValueSize: JumpsMapValueSize,
		MaxEntries: JumpsMapMaxEntries,
	})))
	check(t, jumps.Put(2, program))
	found := must[*ebpf.Program](t)(jumps.Lookup(2))
	defer found.Close()
	check(t, jumps.Delete(2))
	_, err = jumps.Lookup(2)
	isAbsent(t, err)
	groups := must[GroupsMap](t)(NewGroupsMap(create(t, ebpf.MapSpec{
		Type: GroupsMapType, KeySize: GroupsMapKeySize, ValueSize: GroupsMapValueSize,
		MaxEntries: GroupsMapMaxEntries,
	})))
	if directory, err := os.Open("/sys/fs/cgroup"); err == nil {
		defer directory.Close()
		if err := groups.Put(0, int(directory.Fd())); err == nil {
			check(t, groups.Delete(0))
		}
	}
}

func TestRecords(t *testing.T) {
	sample := []byte{4, 0, 0, 4, 1, 1, 2, 2, 3}
	event, err := EventsMap{}.Decode(sample)
	check(t, err)
	if event.Id != 4<<24+4 && event.Id != 4+4<<24 {
		t.Fatal(event.Id)
	}
	data := event.Data(sample)
	if len(data) != 2 || data[0] != 0x101 || data[1] != 0x202 {
		t.Fatal(data)
	}
	if len(event.Data(sample[:3])) != 0 || len(event.Data(sample[:4])) != 0 {
		t.Fatal("there is nothing")
	}
	if _, err := (EventsMap{}).Decode(sample[:3]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
}

// Every field of the struct that a collection is assigned to has the tag of a map.
func TestAssign(t *testing.T) {
	specs := map[string]*ebpf.MapSpec{}
	for _, name := range []string{
		HashedMapName, RecentMapName, TableMapName, PerCpuMapName, PerCpuSmallMapName,
		PrefixesMapName, FifoMapName, LifoMapName, FilterMapName, EventsMapName, OuterMapName,
		ByNameMapName, JumpsMapName, GroupsMapName, CpusMapName, WideMapName, SizedMapName,
		ByAddressMapName, TasksMapName,
	} {
		specs[name] = &ebpf.MapSpec{Name: name, Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	}
	collection := &ebpf.CollectionSpec{Maps: specs}
	var wanted AccessMapSpecs
	check(t, collection.Assign(&wanted))
	if wanted.PerCpuSmall != specs["per_cpu_small"] {
		t.Fatal("another map")
	}
	var maps AccessMaps
	check(t, collection.LoadAndAssign(&maps, nil))
	if _, err := NewEventsMap(maps.Events); !errors.Is(err, ebpf.ErrMapIncompatible) {
		t.Fatal(err)
	}
	check(t, maps.Close())
	check(t, (&AccessMaps{}).Close())
}

// accepts fails the test where typed access to a loaded map is refused.
func accepts[T any](t *testing.T, open func(*ebpf.Map) (T, error), m *ebpf.Map) T {
	t.Helper()
	return must[T](t)(open(m))
}

// The maps of the object that clang made of the same source are what the facts say.
func TestObject(t *testing.T) {
	spec := must[*ebpf.CollectionSpec](t)(ebpf.LoadCollectionSpec("access.o"))
	spec.Maps[SizedMapName].MaxEntries = 2
	var maps AccessMaps
	check(t, spec.LoadAndAssign(&maps, nil))
	defer maps.Close()
	accepts(t, NewHashedMap, maps.Hashed)
	accepts(t, NewRecentMap, maps.Recent)
	accepts(t, NewTableMap, maps.Table)
	accepts(t, NewPerCpuMap, maps.PerCpu)
	accepts(t, NewPerCpuSmallMap, maps.PerCpuSmall)
	accepts(t, NewPrefixesMap, maps.Prefixes)
	accepts(t, NewFifoMap, maps.Fifo)
	accepts(t, NewLifoMap, maps.Lifo)
	accepts(t, NewFilterMap, maps.Filter)
	accepts(t, NewEventsMap, maps.Events)
	accepts(t, NewOuterMap, maps.Outer)
	accepts(t, NewByNameMap, maps.ByName)
	accepts(t, NewJumpsMap, maps.Jumps)
	accepts(t, NewGroupsMap, maps.Groups)
	accepts(t, NewCpusMap, maps.Cpus)
	accepts(t, NewWideMap, maps.Wide)
	accepts(t, NewSizedMap, maps.Sized)
	accepts(t, NewByAddressMap, maps.ByAddress)

	tasks := accepts(t, NewTasksMap, maps.Tasks)
	self := must[int](t)(unix.PidfdOpen(os.Getpid(), 0))
	defer unix.Close(self)
	_, err := tasks.Lookup(self)
	isAbsent(t, err)
	check(t, tasks.Put(self, Item{Count: 3}))
	if must[Item](t)(tasks.Lookup(self)).Count != 3 {
		t.Fatal("another value")
	}
	check(t, tasks.Delete(self))
	isAbsent(t, tasks.Delete(self))
}

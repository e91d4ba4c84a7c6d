//! Says which system calls a BPF program counts and reports, and prints what it has to say.

use std::path::Path;
use std::process::ExitCode;

use libbpf_rs::{MapFlags, MapHandle, ObjectBuilder, RingBufferBuilder};

use calls::{Action, Call, CallKey, CallsMap, CountsMap, Rule, RulesMap};

mod task {
    include!(concat!(env!("OUT_DIR"), "/task.rs"));
}

mod calls {
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}

const OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/calls.bpf.o"));

const USAGE: &str = "\
usage: agent DIRECTORY load | unload | show | follow
       agent DIRECTORY watch PID NUMBER LEVEL LABEL
       agent DIRECTORY forget PID NUMBER";

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Loads the program and attaches it; the maps pin themselves, since they are declared so.
fn load(directory: &Path) -> Result<()> {
    let loaded = ObjectBuilder::default()
        .pin_root_path(directory)?
        .open_memory(OBJECT)?
        .load()?;
    for program in loaded.progs_mut() {
        let mut link = program.attach()?;
        link.pin(directory.join(program.name()))?;
    }
    Ok(())
}

fn unload(directory: &Path) -> Result<()> {
    for name in ["on_call", "rules", "counts", "calls"] {
        std::fs::remove_file(directory.join(name))?;
    }
    Ok(())
}

/// The maps that are pinned below a directory.
struct Maps {
    rules: MapHandle,
    counts: MapHandle,
    calls: MapHandle,
}

impl Maps {
    fn open(directory: &Path) -> Result<Self> {
        let maps = Self {
            rules: MapHandle::from_pinned_path(directory.join("rules"))?,
            counts: MapHandle::from_pinned_path(directory.join("counts"))?,
            calls: MapHandle::from_pinned_path(directory.join("calls"))?,
        };
        RulesMap::check(&maps.rules)?;
        CountsMap::check(&maps.counts)?;
        CallsMap::check(&maps.calls)?;
        Ok(maps)
    }

    fn watch(&self, key: &CallKey, level: u8, label: u16) -> Result<()> {
        let mut rule = Rule {
            action: Action::REPORT,
            ..Rule::default()
        };
        rule.set_level(level);
        rule.set_urgent(u8::from(level > 99));
        rule.set_label(label);
        Ok(RulesMap::update(&self.rules, key, &rule, MapFlags::ANY)?)
    }

    fn forget(&self, key: &CallKey) -> Result<()> {
        if CountsMap::lookup(&self.counts, key)?.is_some() {
            CountsMap::delete(&self.counts, key)?;
        }
        Ok(RulesMap::delete(&self.rules, key)?)
    }

    fn show(&self) -> Result<()> {
        for entry in RulesMap::entries(&self.rules) {
            let (key, rule) = entry?;
            let counts = CountsMap::lookup(&self.counts, &key)?.unwrap_or_default();
            let calls: u64 = counts.iter().map(|count| count.calls).sum();
            let CallKey { pid, number } = key;
            println!(
                "rule pid={pid} number={number} calls={calls} {}",
                words(&rule)
            );
        }
        Ok(())
    }

    /// Prints the records that are there.
    fn follow(&self) -> Result<()> {
        let mut ring = RingBufferBuilder::new();
        ring.add(&self.calls, |bytes| match CallsMap::record(bytes) {
            Some(call) => {
                report(&call);
                0
            }
            None => -1,
        })?;
        Ok(ring.build()?.consume()?)
    }
}

fn report(call: &Call) {
    let CallKey { pid, number } = call.key;
    let comm = call.who.comm_text().unwrap_or("?");
    println!(
        "call pid={pid} number={number} comm={comm} {}",
        words(&call.rule)
    );
}

fn words(rule: &Rule) -> String {
    let (action, urgent, level) = (rule.action, rule.urgent(), rule.level());
    format!(
        "action={action:?} urgent={urgent} level={level} label={}",
        rule.label()
    )
}

fn key(pid: &str, number: &str) -> Result<CallKey> {
    Ok(CallKey {
        pid: pid.parse()?,
        number: number.parse()?,
    })
}

fn run(words: &[&str]) -> Result<()> {
    let [directory, words @ ..] = words else {
        return Err(USAGE.into());
    };
    let directory = Path::new(directory);
    match *words {
        ["load"] => load(directory),
        ["unload"] => unload(directory),
        ["show"] => Maps::open(directory)?.show(),
        ["follow"] => Maps::open(directory)?.follow(),
        ["watch", pid, number, level, label] => {
            Maps::open(directory)?.watch(&key(pid, number)?, level.parse()?, label.parse()?)
        }
        ["forget", pid, number] => Maps::open(directory)?.forget(&key(pid, number)?),
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Err(error) = run(&words) {
        eprintln!("agent: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

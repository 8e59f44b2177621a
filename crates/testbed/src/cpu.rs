//! What processes have cost.

use std::fs;
use std::io;
use std::time::Duration;

/// Processor time, in the program and in the kernel for it, that a process, its children and those of
/// its children that have ended have taken so far. A child that ends between two looks is in both.
///
/// # Errors
/// When there is no such process.
pub fn cpu_time(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let mut ticks = ticks_of(&stat).ok_or_else(|| unreadable(pid))?;
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    for child in children.split_whitespace() {
        // One that has ended meanwhile is among those that have ended.
        let stat = fs::read_to_string(format!("/proc/{child}/stat"));
        ticks += stat.ok().and_then(|stat| ticks_of(&stat)).unwrap_or(0);
    }
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    let micros = ticks * 1_000_000 / a_second;
    Ok(Duration::from_micros(micros))
}

/// utime, stime, cutime and cstime: the 14th to 17th fields (proc_pid_stat(5)). The second is a name in
/// brackets, which may hold anything.
fn ticks_of(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields = after_name.split_whitespace().skip(11).take(4);
    fields.map(|field| field.parse::<u64>().ok()).sum()
}

fn unreadable(pid: u32) -> io::Error {
    io::Error::other(format!("/proc/{pid}/stat is not as proc_pid_stat(5) says"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_that_looks_like_fields() {
        let stat = "7 (a) b 1 2) S 1 7 7 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7";
        assert_eq!(ticks_of(stat), Some(127));
    }

    #[test]
    fn what_a_process_does_shows_in_its_time() {
        let own = std::process::id();
        let before = cpu_time(own).unwrap();
        let mut sum = 0_u64;
        while cpu_time(own).unwrap() < before + Duration::from_millis(20) {
            sum = (0..100_000).fold(sum, |sum, n| std::hint::black_box(sum ^ n));
        }
    }
}

//! How the C library keeps memory that was freed.

/// Has all threads share one heap, which returns large pieces to the system at once.
///
/// Each of the C library's threads has a heap of its own otherwise, and keeps there what an answer of some megabytes needed for a
/// moment.
pub(in crate::net) fn share_heap() {
    #[cfg(target_env = "gnu")]
    for (parameter, value) in
        [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, 256 << 10), (libc::M_TRIM_THRESHOLD, 512 << 10)]
    {
        // SAFETY: it sets a number; a value that it does not take changes nothing.
        unsafe { libc::mallopt(parameter, value) };
    }
}

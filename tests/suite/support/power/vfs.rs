//! A recording VFS for SQLite: everything is done by the system's own one, and what changes a disk is written down.
//!
//! What matters: an operation is recorded in the order in which it was done, by whatever connection, and only if it was
//! done. Of each file that is opened SQLite holds a [`File`], right behind which stands the system's own file. Shared
//! memory is passed on and not recorded (it is made again after a crash), and memory mapping is not offered. It deliberately
//! does not know what a write means. This is the one place of the tests that is not safe Rust: SQLite calls it from C.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::log::Op;
use super::recorder::{self, Kept};

/// What SQLite holds of an open file; the system's own follows behind it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Its number in the record; none: it is not recorded.
    number: Option<usize>,
}

/// The system's own VFS, once it was found.
struct System(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite's VFS objects are never changed once they are registered, and may be called by any thread.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<System> = OnceLock::new();

/// From here on whatever SQLite does in that folder is recorded, in that file.
pub fn record(folder: &Path, log: &Path) {
    recorder::begin(folder, log);
    // SAFETY: asking for the default VFS has no precondition, and what is found lives as long as the process.
    let system = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
    // SAFETY: it is null or what was found, and nobody changes that.
    let mut vfs = *unsafe { system.as_ref() }.expect("SQLite has a default VFS");
    vfs.szOsFile += c_int::try_from(size_of::<File>()).expect("a small number");
    vfs.zName = c"recording".as_ptr();
    vfs.pNext = std::ptr::null_mut();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    assert!(SYSTEM.set(System(system)).is_ok(), "a process records once");
    // SAFETY: the VFS is never freed. What it did not replace it has from the system's, whose functions look at nothing of
    // the VFS they are given but `pAppData`, which is the same.
    let done = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 1) };
    assert_eq!(done, ffi::SQLITE_OK, "it is registered");
}

fn system() -> *mut ffi::sqlite3_vfs {
    SYSTEM.get().expect("it is registered after that").0
}

/// The path that SQLite gave; none for a temporary file, which has no name.
///
/// # Safety
/// It is null or a string of C that lives as long as the answer is used.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: it is not null there, and a string of C by the contract.
    (!name.is_null()).then(|| Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let file = file.cast::<File>();
    // SAFETY: SQLite gives room for `szOsFile` bytes, aligned for pointers, and a name that lives as long as the file.
    let (path, inner) = unsafe {
        file.write(File { base: ffi::sqlite3_file { pMethods: std::ptr::null() }, number: None });
        (path(name), file.add(1).cast::<ffi::sqlite3_file>())
    };
    let mut kept = recorder::kept();
    let was_there = path.is_some_and(|path| path.symlink_metadata().is_ok());
    // SAFETY: the system's own function, on its own VFS and with the room that it asked for behind ours.
    let done = unsafe { (*system()).xOpen.expect("a VFS opens")(system(), name, inner, flags, flags_out) };
    // SAFETY: both structures are as they were left above, the inner one by the system.
    unsafe {
        if done != ffi::SQLITE_OK {
            if let Some(methods) = (*inner).pMethods.as_ref() {
                methods.xClose.expect("a file closes")(inner);
            }
            return done;
        }
        (*file).base.pMethods = &raw const METHODS;
        let is_kept = flags & ffi::SQLITE_OPEN_DELETEONCLOSE == 0;
        (*file).number =
            path.filter(|_| is_kept).and_then(|path| kept.opened(path, was_there, || content(inner)));
    }
    ffi::SQLITE_OK
}

/// What stands in a file. It is read by the same handle: to close another one would give up the locks of the process.
///
/// # Safety
/// It is an open file of the system's own VFS.
unsafe fn content(inner: *mut ffi::sqlite3_file) -> Vec<u8> {
    let mut size = 0;
    // SAFETY: it is open, so that it has its methods; the buffer is as long as it is said to be.
    unsafe {
        let methods = &*(*inner).pMethods;
        assert_eq!(methods.xFileSize.expect("a file has a size")(inner, &raw mut size), ffi::SQLITE_OK);
        let mut bytes = vec![0_u8; usize::try_from(size).expect("a size")];
        let length = c_int::try_from(bytes.len()).expect("a small file");
        let read = methods.xRead.expect("a file is read");
        assert_eq!(read(inner, bytes.as_mut_ptr().cast(), length, 0), ffi::SQLITE_OK);
        bytes
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let mut kept = recorder::kept();
    // SAFETY: the system's own function on its own VFS, with what SQLite gave; the name is a string of C.
    let (done, path) =
        unsafe { ((*system()).xDelete.expect("a VFS deletes")(system(), name, sync), path(name)) };
    if let (ffi::SQLITE_OK, Some(path)) = (done, path) {
        kept.deleted(path, sync != 0);
    }
    done
}

/// The number of a file, the system's own file behind it, and what that one can do.
///
/// # Safety
/// It is a file that `open` made and that was not closed yet.
unsafe fn behind(
    file: *mut ffi::sqlite3_file,
) -> (Option<usize>, *mut ffi::sqlite3_file, &'static ffi::sqlite3_io_methods) {
    let file = file.cast::<File>();
    // SAFETY: `open` wrote a `File` there and had the system open its own behind it, whose methods are constants.
    unsafe {
        let inner = file.add(1).cast::<ffi::sqlite3_file>();
        ((*file).number, inner, &*(*inner).pMethods)
    }
}

/// Functions that only pass on what they are asked.
macro_rules! passed_on {
    ($($name:ident = $method:ident($($given:ident: $type:ty),*) $(-> $answer:ty)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($given: $type),*) $(-> $answer)? {
            // SAFETY: SQLite calls it on a file that `open` made, with what the system's own function takes.
            unsafe {
                let (_, inner, methods) = behind(file);
                methods.$method.expect("the system's files can do it")(inner, $($given),*)
            }
        }
    )*};
}

passed_on! {
    close = xClose() -> c_int;
    read = xRead(bytes: *mut c_void, count: c_int, offset: i64) -> c_int;
    size = xFileSize(size: *mut i64) -> c_int;
    lock = xLock(level: c_int) -> c_int;
    unlock = xUnlock(level: c_int) -> c_int;
    is_reserved = xCheckReservedLock(answer: *mut c_int) -> c_int;
    control = xFileControl(code: c_int, given: *mut c_void) -> c_int;
    sector = xSectorSize() -> c_int;
    characteristics = xDeviceCharacteristics() -> c_int;
    shared_map = xShmMap(definition: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shared_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shared_barrier = xShmBarrier();
    shared_unmap = xShmUnmap(delete: c_int) -> c_int;
}

/// Does it and, if it was done, records it; nothing else is recorded in between.
fn noted(number: Option<usize>, act: impl FnOnce() -> c_int, op: impl FnOnce(usize, &mut Kept)) -> c_int {
    let mut kept = recorder::kept();
    let done = act();
    if let (ffi::SQLITE_OK, Some(number)) = (done, number) {
        op(number, &mut kept);
    }
    done
}

fn unsigned(number: i64) -> usize {
    usize::try_from(number).expect("a place in a file")
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: SQLite calls it on a file that `open` made, with so many bytes.
    let ((number, inner, methods), given) =
        unsafe { (behind(file), std::slice::from_raw_parts(bytes.cast::<u8>(), unsigned(count.into()))) };
    // SAFETY: the system's own function on its own file, with what SQLite gave.
    let act = || unsafe { methods.xWrite.expect("a file is written")(inner, bytes, count, offset) };
    noted(number, act, |file, kept| {
        kept.note(&Op::Write { file, offset: unsigned(offset), bytes: given.to_vec() });
    })
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite calls it on a file that `open` made.
    let (number, inner, methods) = unsafe { behind(file) };
    // SAFETY: the system's own function on its own file, with what SQLite gave.
    let act = || unsafe { methods.xTruncate.expect("a file is cut off")(inner, size) };
    noted(number, act, |file, kept| kept.note(&Op::Truncate { file, size: unsigned(size) }))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls it on a file that `open` made.
    let (number, inner, methods) = unsafe { behind(file) };
    // SAFETY: the system's own function on its own file, with what SQLite gave.
    let act = || unsafe { methods.xSync.expect("a file is synced")(inner, flags) };
    noted(number, act, |file, kept| kept.note(&Op::Sync { file }))
}

/// Version 2: shared memory, but no memory mapping, by which bytes would reach a file unseen.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shared_map),
    xShmLock: Some(shared_lock),
    xShmBarrier: Some(shared_barrier),
    xShmUnmap: Some(shared_unmap),
    xFetch: None,
    xUnfetch: None,
};

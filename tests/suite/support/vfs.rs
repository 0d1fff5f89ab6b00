//! A VFS for SQLite: the default VFS of the system does the work; every operation that changes a disk
//! is recorded (`power.rs`), and operations can be made to fail (`faults.rs`).
//!
//! Invariant: operations of all connections are recorded in the order in which they were done, and
//! only if they succeeded. SQLite allocates a [`File`] for each open file, directly followed by the
//! system's own structure. Shared memory is passed on without a record, since it is rebuilt after a
//! crash; memory mapping is not offered. This module deliberately does not know what a write means.
//! It is the only module of the tests with unsafe code, since SQLite calls it from C.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::faults::{self, Kind, strike};
use super::power::log::Op;
use super::power::recorder::{self, Kept};

/// An open file of SQLite. The system's own structure follows directly.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// The number in the record; None: the file is not recorded.
    number: Option<usize>,
    /// Whether operations on it can be made to fail.
    concerned: bool,
}

/// The default VFS of the system.
struct System(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite never changes a VFS object after registration, and any thread may call it.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<System> = OnceLock::new();

/// Makes this VFS the default, once in a process.
pub fn install() {
    // SAFETY: querying the default VFS has no precondition, and the VFS lives as long as the
    // process.
    let system = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
    // SAFETY: the pointer is null or the default VFS, which nobody changes.
    let mut vfs = *unsafe { system.as_ref() }.expect("SQLite has a default VFS");
    vfs.szOsFile += c_int::try_from(size_of::<File>()).expect("a small number");
    vfs.zName = c"observed".as_ptr();
    vfs.pNext = std::ptr::null_mut();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    vfs.xAccess = Some(access);
    assert!(SYSTEM.set(System(system)).is_ok(), "it is installed once");
    // SAFETY: the VFS is never freed. The functions that it does not replace are those of the
    // system's VFS, which use only `pAppData` of the VFS that they get; that is the same.
    let done = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 1) };
    assert_eq!(done, ffi::SQLITE_OK, "it is registered");
}

fn system() -> *mut ffi::sqlite3_vfs {
    SYSTEM.get().expect("it is registered after that").0
}

/// Returns the path that SQLite passed; None for a temporary file, which has no name.
///
/// # Safety
/// `name` is null or a C string that lives as long as the result is used.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: it is not null here, and by the contract it is a C string.
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
    // SAFETY: SQLite provides `szOsFile` bytes, aligned for pointers, and a name that lives as long
    // as the file.
    let (path, inner) = unsafe {
        let base = ffi::sqlite3_file { pMethods: std::ptr::null() };
        let path = path(name);
        let concerned = faults::concerns(path);
        file.write(File { base, number: None, concerned });
        if let Some(code) = concerned.then(|| strike(Kind::Open)).flatten() {
            return code;
        }
        (path, file.add(1).cast::<ffi::sqlite3_file>())
    };
    let mut kept = recorder::kept();
    let was_there = path.is_some_and(|path| path.symlink_metadata().is_ok());
    // SAFETY: this is the system's own function, on its own VFS, with the memory that it requires
    // behind ours.
    let done = unsafe { (*system()).xOpen.expect("a VFS opens")(system(), name, inner, flags, flags_out) };
    // SAFETY: both structures were initialized above, the inner one by the system.
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

/// Reads the content of a file through its own handle: closing another one would release the locks
/// of the process.
///
/// # Safety
/// `inner` is an open file of the system's own VFS.
unsafe fn content(inner: *mut ffi::sqlite3_file) -> Vec<u8> {
    let mut size = 0;
    // SAFETY: the file is open, so it has methods; the buffer has the length that is passed.
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

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: the name is a C string.
    if let Some(code) = unsafe { struck_at(name, Kind::Access) } {
        return code;
    }
    // SAFETY: this is the system's own function on its own VFS, with the arguments of SQLite.
    unsafe { (*system()).xAccess.expect("a VFS looks")(system(), name, flags, answer) }
}

/// Returns with which code an operation on a name has to fail.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn struck_at(name: *const c_char, kind: Kind) -> Option<c_int> {
    // SAFETY: by the contract.
    let path = unsafe { path(name) };
    (path.is_some() && faults::concerns(path)).then(|| strike(kind)).flatten()
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: the name is a C string.
    if let Some(code) = unsafe { struck_at(name, Kind::Delete) } {
        return code;
    }
    let mut kept = recorder::kept();
    // SAFETY: this is the system's own function on its own VFS, with the arguments of SQLite; the
    // name is a C string.
    let (done, path) =
        unsafe { ((*system()).xDelete.expect("a VFS deletes")(system(), name, sync), path(name)) };
    if let (ffi::SQLITE_OK, Some(path)) = (done, path) {
        kept.deleted(path, sync != 0);
    }
    done
}

/// Returns with which code an operation on an open file has to fail.
///
/// # Safety
/// `file` was opened by `open` and not closed yet.
unsafe fn struck(file: *mut ffi::sqlite3_file, kind: Kind) -> Option<c_int> {
    // SAFETY: `open` wrote a `File` there.
    let concerned = unsafe { (*file.cast::<File>()).concerned };
    concerned.then(|| strike(kind)).flatten()
}

/// Returns the number of a file, the system's own file behind it, and its methods.
///
/// # Safety
/// `file` was opened by `open` and not closed yet.
unsafe fn behind(
    file: *mut ffi::sqlite3_file,
) -> (Option<usize>, *mut ffi::sqlite3_file, &'static ffi::sqlite3_io_methods) {
    let file = file.cast::<File>();
    // SAFETY: `open` wrote a `File` there and let the system open its own file behind it; its
    // methods are constants.
    unsafe {
        let inner = file.add(1).cast::<ffi::sqlite3_file>();
        ((*file).number, inner, &*(*inner).pMethods)
    }
}

/// Defines functions that only call the system's own.
macro_rules! passed_on {
    ($($name:ident = $method:ident($($given:ident: $type:ty),*) $(-> $answer:ty)? $(, can fail: $kind:expr)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($given: $type),*) $(-> $answer)? {
            $(
                // SAFETY: as below.
                if let Some(code) = $kind.and_then(|kind| unsafe { struck(file, kind) }) {
                    return code;
                }
            )?
            // SAFETY: SQLite calls this on a file that `open` opened, with valid arguments for the
            // system's own function.
            unsafe {
                let (_, inner, methods) = behind(file);
                methods.$method.expect("the system's files can do it")(inner, $($given),*)
            }
        }
    )*};
}

passed_on! {
    close = xClose() -> c_int;
    read = xRead(bytes: *mut c_void, count: c_int, offset: i64) -> c_int, can fail: Some(Kind::Read);
    size = xFileSize(size: *mut i64) -> c_int, can fail: Some(Kind::Size);
    lock = xLock(level: c_int) -> c_int, can fail: Some(Kind::Lock);
    unlock = xUnlock(level: c_int) -> c_int;
    is_reserved = xCheckReservedLock(answer: *mut c_int) -> c_int;
    control = xFileControl(code: c_int, given: *mut c_void) -> c_int;
    sector = xSectorSize() -> c_int;
    characteristics = xDeviceCharacteristics() -> c_int;
    shared_map = xShmMap(definition: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int, can fail: Some(Kind::SharedMap);
    shared_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int,
        can fail: (flags & ffi::SQLITE_SHM_LOCK != 0).then_some(Kind::SharedLock);
    shared_barrier = xShmBarrier();
    shared_unmap = xShmUnmap(delete: c_int) -> c_int;
}

/// Runs an operation and records it if it succeeded. No other operation is recorded in between.
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
    // SAFETY: SQLite calls this on a file that `open` opened.
    if let Some(code) = unsafe { struck(file, Kind::Write) } {
        return code;
    }
    // SAFETY: SQLite calls this on a file that `open` opened, with that many bytes.
    let ((number, inner, methods), given) =
        unsafe { (behind(file), std::slice::from_raw_parts(bytes.cast::<u8>(), unsigned(count.into()))) };
    // SAFETY: this is the system's own function on its own file, with the arguments of SQLite.
    let act = || unsafe { methods.xWrite.expect("a file is written")(inner, bytes, count, offset) };
    noted(number, act, |file, kept| {
        kept.note(&Op::Write { file, offset: unsigned(offset), bytes: given.to_vec() });
    })
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite calls this on a file that `open` opened.
    if let Some(code) = unsafe { struck(file, Kind::Truncate) } {
        return code;
    }
    // SAFETY: SQLite calls this on a file that `open` opened.
    let (number, inner, methods) = unsafe { behind(file) };
    // SAFETY: this is the system's own function on its own file, with the arguments of SQLite.
    let act = || unsafe { methods.xTruncate.expect("a file is cut off")(inner, size) };
    noted(number, act, |file, kept| kept.note(&Op::Truncate { file, size: unsigned(size) }))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls this on a file that `open` opened.
    if let Some(code) = unsafe { struck(file, Kind::Sync) } {
        return code;
    }
    // SAFETY: SQLite calls this on a file that `open` opened.
    let (number, inner, methods) = unsafe { behind(file) };
    // SAFETY: this is the system's own function on its own file, with the arguments of SQLite.
    let act = || unsafe { methods.xSync.expect("a file is synced")(inner, flags) };
    noted(number, act, |file, kept| kept.note(&Op::Sync { file }))
}

/// Version 2: shared memory, but no memory mapping, which would write bytes that are not recorded.
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

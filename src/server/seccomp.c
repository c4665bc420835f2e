/*
 * System calls that are allowed in addition to Kore's filter. clone3 fails
 * with ENOSYS, so that glibc uses clone, whose arguments a filter can check.
 */
#include <sys/types.h>
#include <sys/syscall.h>

#include <kore/kore.h>
#include <kore/seccomp.h>

#include <errno.h>

KORE_SECCOMP_FILTER("smartrecord",
    /* threads of the pool */
    KORE_SYSCALL_DENY(clone3, ENOSYS),
    KORE_SYSCALL_ALLOW(clone),
    KORE_SYSCALL_ALLOW(rseq),
    KORE_SYSCALL_ALLOW(set_robust_list),
    KORE_SYSCALL_ALLOW(sched_getaffinity),
    KORE_SYSCALL_ALLOW(sched_yield),
    KORE_SYSCALL_ALLOW(setpriority),
    KORE_SYSCALL_ALLOW(eventfd2),
    KORE_SYSCALL_ALLOW(mremap),
    KORE_SYSCALL_ALLOW(gettid),
    KORE_SYSCALL_ALLOW(tgkill),
    KORE_SYSCALL_ALLOW(prlimit64),
    KORE_SYSCALL_ALLOW(sysinfo),
    KORE_SYSCALL_ALLOW(uname),
    KORE_SYSCALL_ALLOW(restart_syscall),
    /* connections to PostgreSQL */
    KORE_SYSCALL_ALLOW(socket),
    KORE_SYSCALL_ALLOW(socketpair),	/* libcurl */
    KORE_SYSCALL_ALLOW(connect),
    KORE_SYSCALL_ALLOW(getsockopt),
    KORE_SYSCALL_ALLOW(getsockname),
    KORE_SYSCALL_ALLOW(getpeername),
    KORE_SYSCALL_ALLOW(shutdown),
    KORE_SYSCALL_ALLOW(bind),
    KORE_SYSCALL_ALLOW(recvmsg),
    KORE_SYSCALL_ALLOW(sendmsg),
    KORE_SYSCALL_ALLOW(sendmmsg),
    KORE_SYSCALL_ALLOW(getegid),
    KORE_SYSCALL_ALLOW(getgid),
    KORE_SYSCALL_ALLOW(getppid),
    /* audio store and chunk cache */
    KORE_SYSCALL_ALLOW(newfstatat),
    KORE_SYSCALL_ALLOW(getdents64),
    KORE_SYSCALL_ALLOW(pread64),
    KORE_SYSCALL_ALLOW(preadv2),
    KORE_SYSCALL_ALLOW(pwrite64),
    KORE_SYSCALL_ALLOW(ftruncate),
    KORE_SYSCALL_ALLOW(fsync),
    KORE_SYSCALL_ALLOW(fdatasync),
    KORE_SYSCALL_ALLOW(flock)
)

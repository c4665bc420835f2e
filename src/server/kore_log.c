/*
 * Replaces kore_log() at link time. Kore's messages that matter become events
 * of the log, its errors the event "kore"; the others are dropped, as they
 * contain pointers or debug output.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <kore/kore.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"

void	__wrap_kore_log(int, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Kore's formats, and the same arguments as an event. */
static const struct {
	const char	*kore;
	enum log_level	 level;
	const char	*event;
} messages[] = {
	{ "fatal: %s", LEVEL_ERROR, "event=kore_fatal why=\"%s\"" },
	{ "restarting worker %d", LEVEL_WARN,
	    "event=worker_restarted worker=%d" },
	{ "worker %d died from sandbox violation", LEVEL_ERROR,
	    "event=worker_sandboxed worker=%d" },
	{ "worker %d failed to start, shutting down", LEVEL_ERROR,
	    "event=worker_failed worker=%d" },
	{ "keymgr or acme process gone, stopping", LEVEL_ERROR,
	    "event=key_manager_died" },
	{ "failed to load certificate for '%s': %s", LEVEL_ERROR,
	    "event=certificate_failed host=\"%s\" why=\"%s\"" },
};

/* Kore tells how a process ended first, then which worker it was. */
#define EXITED	"worker %s (%d) exited with status %d"
#define GONE	"worker %d (pid: %d) (hdlr: %s) gone"

static int	exit_status;

static void
message_exited(va_list args)
{
	(void)va_arg(args, const char *);
	(void)va_arg(args, int);
	exit_status = va_arg(args, int);
}

static void
message_gone(va_list args)
{
	int	worker_id = va_arg(args, int), pid = va_arg(args, int);

	if (worker_id == KORE_WORKER_KEYMGR)
		return;		/* Kore says so in the next message */
	if (WIFSIGNALED(exit_status))
		log_error("event=worker_died worker=%d pid=%d signal=%d",
		    worker_id, pid, WTERMSIG(exit_status));
	else
		log_error("event=worker_died worker=%d pid=%d status=%d",
		    worker_id, pid, WEXITSTATUS(exit_status));
}

/* Logs an error that is not in the table. Kore's errors concern its
 * configuration and the system, not requests. */
static void
message_other(int priority, const char *fmt, va_list args)
{
	char	text[1024];

	if (priority > LOG_ERR || strncmp(fmt, "=====", 5) == 0 ||
	    strcmp(fmt, "last worker log lines:") == 0)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	log_error("event=kore why=\"%s\"", text);
}

void
__wrap_kore_log(int priority, const char *fmt, ...)
{
	va_list	args;
	size_t	i, n = sizeof(messages) / sizeof(messages[0]);

	va_start(args, fmt);
	for (i = 0; i < n && strcmp(messages[i].kore, fmt) != 0; i++)
		continue;
	if (i < n)
		log_write(messages[i].level, messages[i].event, args);
	else if (strcmp(fmt, EXITED) == 0)
		message_exited(args);
	else if (strcmp(fmt, GONE) == 0)
		message_gone(args);
	else
		message_other(priority, fmt, args);
	va_end(args);
}

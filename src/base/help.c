/* The manual's pages on a terminal or in a pipe, see help.h. */
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/help.h"

#define PREFIX		"conf/man/smartrecord"
#define NAME_HEADING	"\n# NAME\n\n"
#define SH_NO_COMMAND	127	/* exit status of sh(1): there is no such one */

/* The next page behind this one (NULL: the first), or NULL. */
static const struct embedded *
page_next(const struct embedded *page)
{
	page = page == NULL ? embedded_files : page + 1;
	while (page->name != NULL &&
	    strncmp(page->name, PREFIX, strlen(PREFIX)) != 0)
		page++;
	return (page->name == NULL ? NULL : page);
}

/* What a page is called here: "api" of smartrecord-api.7, "conf" of
 * smartrecord.conf.5, "1" of smartrecord.1. *n: how many bytes. */
static const char *
page_name(const struct embedded *page, size_t *n)
{
	const char	*name = page->name + strlen(PREFIX) + 1;

	*n = strcspn(name, ".");
	return (name);
}

static const struct embedded *
page_find(const char *word)
{
	const struct embedded	*page = NULL;
	const char		*name;
	size_t			 n;

	while ((page = page_next(page)) != NULL) {
		name = page_name(page, &n);
		if (strlen(word) == n && memcmp(word, name, n) == 0)
			break;
	}
	return (page);
}

/* Each page's name and what the line under its heading NAME says. */
static void
pages_print(FILE *out)
{
	const struct embedded	*page = NULL;
	const char		*name, *line;
	size_t			 n;

	fprintf(out, "usage: smartrecord help [PAGE]\n\n"
	    "Prints a page of the manual:\n");
	while ((page = page_next(page)) != NULL) {
		name = page_name(page, &n);
		fprintf(out, "  %-10.*s ", (int)n, name);
		if ((line = strstr(page->bytes, NAME_HEADING)) != NULL &&
		    (line = strstr(line, " - ")) != NULL)
			fprintf(out, "%.*s", (int)strcspn(line + 3, "\n"),
			    line + 3);
		fprintf(out, "\n");
	}
	fprintf(out, "\n'smartrecord --help' lists the commands.\n");
}

static int
page_unknown(const char *word)
{
	const struct embedded	*page = NULL;
	const char		*name;
	size_t			 n;

	fprintf(stderr, "smartrecord help: no page '%s'; the pages are",
	    word);
	while ((page = page_next(page)) != NULL) {
		name = page_name(page, &n);
		fprintf(stderr, " %.*s", (int)n, name);
	}
	fprintf(stderr, "\n");
	return (2);
}

static int
page_print(const struct embedded *page)
{
	return (fwrite(page->bytes, 1, page->len, stdout) == page->len &&
	    fflush(stdout) == 0 ? 0 : 1);
}

/* Through PAGER, or less(1). false: it could not be started. */
static bool
page_through(const struct embedded *page)
{
	const char	*pager = getenv("PAGER");
	FILE		*out;
	int		 status;

	if (pager == NULL || pager[0] == '\0')
		pager = "less";
	/* whoever leaves the pager early has read enough */
	(void)signal(SIGPIPE, SIG_IGN);
	if ((out = popen(pager, "w")) == NULL)
		return (false);
	(void)fwrite(page->bytes, 1, page->len, out);
	status = pclose(out);
	return (!WIFEXITED(status) || WEXITSTATUS(status) != SH_NO_COMMAND);
}

int
command_help(const struct settings *s, int argc, char **argv)
{
	const struct embedded	*page;

	(void)s;
	if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		pages_print(stdout);
		return (0);
	}
	if (argc > 2) {
		fprintf(stderr, "smartrecord help: '%s' is one word too "
		    "many\n", argv[2]);
		return (2);
	}
	if ((page = page_find(argv[1])) == NULL)
		return (page_unknown(argv[1]));
	if (isatty(STDOUT_FILENO) == 1 && page_through(page))
		return (0);
	return (page_print(page));
}

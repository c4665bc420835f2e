/* `smartrecord operator create|set|list`: the telecom operators. */
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/color.h"
#include "base/options.h"
#include "db/command.h"
#include "tenants/tenants.h"

#define LOGO_MAX	65536	/* bytes; the table has the same bound */
#define PALEST	1.25	/* minimal contrast with white, see color.h */

/* Returns 0 when the colour is usable, else the status of a usage error. */
static int
color_check(const struct verb *verb, const char *color)
{
	if (!color_valid(color))
		return (usage_error(verb, "'%s' is no colour like #1a7f37",
		    color));
	if (color_contrast(color, "#ffffff") < PALEST)
		return (usage_error(verb, "'%s' is too pale: a brand of this "
		    "colour could not be told from white", color));
	return (0);
}

/* Returns true for a host name or IPv4 address (RFC 1123, section 2.1). */
static bool
host_valid(const char *host)
{
	size_t	n = strlen(host);

	return (n > 0 && n <= 253 && strspn(host, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == n &&
	    host[0] != '.' && host[0] != '-' && host[n - 1] != '.');
}

static int
operator_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* key, name, host, colour, contact */
	const char		*params[5] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--name", .text = &params[1] },
		{ .name = "--host", .text = &params[2] },
		{ .name = "--color", .text = &params[3] },
		{ .name = "--contact", .text = &params[4] },
		{ .name = "--json", .flag = &style.json },
		{ .name = "--if-absent", .flag = &style.if_absent },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 1))
		return (2);
	if (!key_valid(params[0]))
		return (usage_error(verb, "'%s' is no key: " KEY_RULE,
		    params[0]));
	if (params[1] == NULL)
		return (usage_error(verb, "--name is missing"));
	if (params[2] != NULL && !host_valid(params[2]))
		return (usage_error(verb, "'%s' is no host name", params[2]));
	if (params[3] != NULL && color_check(verb, params[3]) != 0)
		return (2);
	return (db_command(s, SQL_TENANTS_OPERATOR_CREATE, params, 5, &style));
}

/*
 * Returns the bytes of a PNG file as a bytea literal ("\x…"), malloc'd; NULL
 * after a message on standard error. Accepts only PNG, which can't contain
 * scripts; its signature is that of W3C PNG, section 5.2.
 */
static char *
logo_read(const char *path)
{
	static const char	 signature[] = "\211PNG\r\n\032\n";
	unsigned char		 bytes[LOGO_MAX + 1];
	FILE			*f = fopen(path, "r");
	char			*text;
	size_t			 n;

	if (f == NULL) {
		fprintf(stderr, "smartrecord: %s: %s\n", path,
		    strerror(errno));
		return (NULL);
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	if (n < 8 || n > LOGO_MAX || memcmp(bytes, signature, 8) != 0) {
		fprintf(stderr, "smartrecord: %s: a logo is a PNG of at most "
		    "64 KiB\n", path);
		return (NULL);
	}
	if ((text = malloc(2 * n + 3)) == NULL)
		return (NULL);
	memcpy(text, "\\x", 2);
	sodium_bin2hex(text + 2, 2 * n + 1, bytes, n);
	return (text);
}

/*
 * Returns the given hosts as a malloc'd JSON array; NULL when none was given,
 * or with *wrong set to one that is not valid.
 */
static char *
hosts_json(const struct option_list *hosts, const char **wrong)
{
	json_t	*list;
	char	*text;
	int	 i;

	*wrong = NULL;
	if (hosts->count == 0)
		return (NULL);
	list = json_array();
	for (i = 0; i < hosts->count && *wrong == NULL; i++) {
		if (hosts->items[i][0] != '\0' && !host_valid(hosts->items[i]))
			*wrong = hosts->items[i];
		json_array_append_new(list, json_string(hosts->items[i]));
	}
	text = *wrong == NULL ? json_dumps(list, JSON_COMPACT) : NULL;
	json_decref(list);
	return (text);
}

/* The options of set. */
struct change {
	/* key, name, host, board's host, old hosts, colour, contact, logo,
	 * announce stop */
	const char		*params[9];
	struct option_list	 old;
	const char		*logo;	/* path of a file; "": remove it */
	struct command_style	 style;
};

/* Returns 0, or the exit status after a usage error. */
static int
change_check(const struct verb *verb, const struct change *change)
{
	const char	*const *p = change->params;
	int		 i, given = change->old.count + (change->logo != NULL);

	for (i = 1; i < 9; i++)
		given += p[i] != NULL;
	if (given == 0)
		return (usage_error(verb, "nothing to change was given"));
	if (p[8] != NULL && strcmp(p[8], "yes") != 0 &&
	    strcmp(p[8], "no") != 0)
		return (usage_error(verb, "--announce-stop is yes or no"));
	if (p[1] != NULL && p[1][0] == '\0')
		return (usage_error(verb, "an operator has a name"));
	for (i = 2; i <= 3; i++)
		if (p[i] != NULL && p[i][0] != '\0' && !host_valid(p[i]))
			return (usage_error(verb, "'%s' is no host name",
			    p[i]));
	if (p[5] != NULL && p[5][0] != '\0')
		return (color_check(verb, p[5]));
	return (0);
}

static int
change_apply(const struct settings *s, const struct verb *verb,
    struct change *change)
{
	char		*hosts, *logo = NULL;
	const char	*wrong;
	int		 status;

	hosts = hosts_json(&change->old, &wrong);
	if (wrong != NULL)
		return (usage_error(verb, "'%s' is no host name", wrong));
	change->params[4] = hosts;
	if (change->logo != NULL && change->logo[0] == '\0')
		change->params[7] = "";
	else if (change->logo != NULL) {
		if ((logo = logo_read(change->logo)) == NULL) {
			free(hosts);
			return (1);
		}
		change->params[7] = logo;
	}
	status = db_command(s, SQL_TENANTS_OPERATOR_SET, change->params, 9,
	    &change->style);
	free(hosts);
	free(logo);
	return (status);
}

static int
operator_set(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	struct change		change = { 0 };
	const struct option	options[] = {
		{ .name = "--name", .text = &change.params[1] },
		{ .name = "--host", .text = &change.params[2] },
		{ .name = "--board-host", .text = &change.params[3] },
		{ .name = "--old-host", .list = &change.old },
		{ .name = "--color", .text = &change.params[5] },
		{ .name = "--contact", .text = &change.params[6] },
		{ .name = "--logo", .text = &change.logo },
		{ .name = "--announce-stop", .text = &change.params[8] },
		{ .name = "--json", .flag = &change.style.json },
		{ .name = NULL }
	};
	int			status;

	if (!options_parse(verb, argc, argv, options, change.params, 1))
		return (2);
	if ((status = change_check(verb, &change)) != 0)
		return (status);
	return (change_apply(s, verb, &change));
}

static int
operator_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	struct command_style	style = { 0 };
	const struct option	options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, NULL, 0))
		return (2);
	return (db_command(s, SQL_TENANTS_OPERATOR_LIST, NULL, 0, &style));
}

static const struct verb verbs[] = {
	{ "create", "operator create KEY --name NAME [--host HOST] "
	    "[--color #RRGGBB] [--contact E-MAIL] [--if-absent] [--json]",
	    operator_create },
	{ "set", "operator set KEY [--name NAME] [--host HOST] "
	    "[--board-host HOST] [--old-host HOST]… [--color #RRGGBB] "
	    "[--contact E-MAIL] [--logo FILE.png] "
	    "[--announce-stop yes|no] [--json]; '' takes away",
	    operator_set },
	{ "list", "operator list [--json]", operator_list },
	{ NULL, NULL, NULL }
};

int
command_operator(const struct settings *s, int argc, char **argv)
{
	return (verb_run(verbs, s, argc, argv));
}

/*
 * `smartrecord account recording` sets how accounts are recorded, `smartrecord
 * telephone add|list|remove` manages their telephones.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/command.h"
#include "telephony/mac.h"
#include "telephony/telephony.h"

/* Returns the number of words before the first option. */
static int
words_before_options(int argc, char **argv)
{
	int	n = 0;

	while (n < argc && strncmp(argv[n], "--", 2) != 0)
		n++;
	return (n);
}

/* Returns the words as a malloc'd JSON array; NULL when one is not UTF-8. */
static char *
list_text(char **words, int n)
{
	json_t	*list = json_array();
	char	*text;
	int	 i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(words[i]));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return (text);
}

static bool
mode_option_valid(const char *mode)
{
	return (mode != NULL && (strcmp(mode, "always") == 0 ||
	    strcmp(mode, "on_demand") == 0 || strcmp(mode, "off") == 0));
}

int
account_recording(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, keys, mode */
	const char		*params[3] = { NULL };
	char			*keys;
	int			 words = words_before_options(argc, argv);
	int			 status;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--mode", .text = &params[2] },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc - words, argv + words, options, NULL,
	    0))
		return (2);
	if (words < 2)
		return (usage_error(verb, "TENANT and at least one KEY come "
		    "first"));
	if (!mode_option_valid(params[2]))
		return (usage_error(verb, "--mode is always, on_demand or "
		    "off"));
	if ((keys = list_text(argv + 1, words - 1)) == NULL)
		return (usage_error(verb, "a key is not valid UTF-8"));
	params[0] = argv[0];
	params[1] = keys;
	status = db_command(s, SQL_TELEPHONY_RECORD, params, 3, &style);
	free(keys);
	return (status);
}

/* --- telephones ----------------------------------------------------------- */

#define MODEL_MAX	100	/* characters */

/* Replaces *word by its address in mac; returns false after a usage error. */
static bool
mac_given(const struct verb *verb, const char **word, char mac[MAC_SIZE])
{
	if (!mac_read(*word, mac)) {
		usage_error(verb, "'%s' is no hardware address: MAC is "
		    "written 80:5e:c0:12:34:56", *word);
		return (false);
	}
	*word = mac;
	return (true);
}

static int
telephone_add(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, account, address, model */
	const char		*params[4] = { NULL };
	char			 mac[MAC_SIZE];
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--model", .text = &params[3] },
		{ .name = "--if-absent", .flag = &style.if_absent },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 3) ||
	    !mac_given(verb, &params[2], mac))
		return (2);
	if (params[3] == NULL || params[3][0] == '\0' ||
	    utf8_length(params[3]) > MODEL_MAX)
		return (usage_error(verb, "--model is the telephone's, like "
		    "'Yealink T54W'"));
	return (db_command(s, SQL_TELEPHONY_TELEPHONE_ADD, params, 4,
	    &style));
}

static int
telephone_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	return (db_command_words(
	    s, verb, argc, argv, SQL_TELEPHONY_TELEPHONE_LIST, 1));
}

static int
telephone_remove(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	const char		*params[2] = { NULL };
	char			 mac[MAC_SIZE];
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 2) ||
	    !mac_given(verb, &params[1], mac))
		return (2);
	return (db_command(s, SQL_TELEPHONY_TELEPHONE_REMOVE, params, 2,
	    &style));
}

static const struct verb verbs[] = {
	{ "add", "telephone add TENANT ACCOUNT MAC --model 'Yealink T54W' "
	    "[--if-absent] [--json]", telephone_add },
	{ "list", "telephone list TENANT [--json]", telephone_list },
	{ "remove", "telephone remove TENANT MAC [--json]",
	    telephone_remove },
	{ NULL, NULL, NULL }
};

int
command_telephone(const struct settings *s, int argc, char **argv)
{
	return (verb_run(verbs, s, argc, argv));
}

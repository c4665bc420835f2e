/* `smartrecord account recording`: gives the option to accounts. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "db/command.h"
#include "telephony/telephony.h"

/* Keys come before the options: how many words. */
static int
count_words(int argc, char **argv)
{
	int	n = 0;

	while (n < argc && strncmp(argv[n], "--", 2) != 0)
		n++;
	return (n);
}

/* A JSON list of texts, malloc'd. */
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
mode_valid(const char *mode)
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
	int			 words = count_words(argc, argv), status;
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
	if (!mode_valid(params[2]))
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

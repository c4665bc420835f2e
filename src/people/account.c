/*
 * `smartrecord account create|list|password|invite|profile|recording|
 * disable|enable`: turns the words of the command line into the parameters of a
 * statement, which decides and does the work. A password comes from a file or
 * standard input, never from the command line.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/options.h"
#include "base/words.h"
#include "db/command.h"
#include "onepass/onepass.h"
#include "people/lines.h"
#include "people/people.h"
#include "people/secret.h"
#include "telephony/telephony.h"

/* The options of create. */
struct account {
	const char		*words[2];	/* tenant, key */
	const char		*site, *first, *last, *email;
	const char		*team;		/* keys of sites, or NULL */
	struct option_list	 numbers;	/* "+33…:fixed" */
	bool			 supervisor, administrator;
	struct secret_source	 password;
	struct command_style	 style;
};

/*
 * Adds a number ("+33…:fixed") to the cell of its kind, comma-separated.
 * Returns false when it has no valid kind.
 */
static bool
add_number(const char *item, struct buf *fixed, struct buf *mobile)
{
	const char	*colon = strrchr(item, ':');
	struct buf	*cell;

	if (colon == NULL)
		return (false);
	if (strcmp(colon, ":fixed") == 0)
		cell = fixed;
	else if (strcmp(colon, ":mobile") == 0)
		cell = mobile;
	else
		return (false);
	buf_printf(cell, "%s%.*s", cell->len > 0 ? "," : "",
	    (int)(colon - item), item);
	return (true);
}

/*
 * Returns the account as a line of an import, malloc'd JSON text; NULL when a
 * number has no valid kind.
 */
static char *
account_line(const struct account *a)
{
	struct buf	 fixed = { NULL, 0, 0 }, mobile = { NULL, 0, 0 };
	json_t		*line;
	char		*text = NULL;
	bool		 ok = true;
	int		 i;

	for (i = 0; i < a->numbers.count && ok; i++)
		ok = add_number(a->numbers.items[i], &fixed, &mobile);
	if (ok) {
		const char *const	 cells[LINE_CELLS] = {
			[LINE_KEY] = a->words[1], [LINE_LAST_NAME] = a->last,
			[LINE_FIRST_NAME] = a->first,
			[LINE_EMAIL] = a->email, [LINE_SITE] = a->site,
			[LINE_FIXED] = fixed.data, [LINE_MOBILE] = mobile.data
		};

		line = line_read(1, cells);
		text = json_dumps(line, JSON_COMPACT);
		json_decref(line);
	}
	buf_dispose(&fixed);
	buf_dispose(&mobile);
	return (text);
}

/* Returns what is wrong with the options, or NULL. */
static const char *
account_problem(const struct account *a)
{
	if (a->site == NULL || a->first == NULL || a->last == NULL)
		return ("--site, --first-name and --last-name are needed");
	if (a->supervisor && a->team != NULL)
		return ("--supervisor is for all sites, --supervisor-sites "
		    "for some: give one of them");
	if (a->email == NULL && secret_given(&a->password))
		return ("a password is of no use without --email");
	return (NULL);
}

/* Prints each error of the account, which is one of a line of an import. */
static void
account_print_errors(const json_t *answer)
{
	const char	*field;
	json_t		*error;
	size_t		 i;

	json_array_foreach(json_object_get(answer, "errors"), i, error) {
		field = lines_field(json_string_value(
		    json_object_get(error, "field")));
		fprintf(stderr, "smartrecord: %s%s%s\n",
		    field == NULL ? "" : tr(LANG_EN, field),
		    field == NULL ? "" : ": ", tr(LANG_EN,
		    lines_problem(json_string_value(
		    json_object_get(error, "problem")))));
	}
}

static int
account_insert(const struct settings *s, const struct account *a,
    const char *line, const char *hash)
{
	const char	*params[] = { a->words[0], line,
			    a->supervisor ? "all" : a->team,
			    a->administrator ? "true" : "false", hash };
	struct command_style	style = a->style;

	style.invalid = account_print_errors;
	return (db_command(s, SQL_PEOPLE_ACCOUNT_CREATE, params, 5, &style));
}

static int
account_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	struct account		 a = { 0 };
	char			 hash[PASSWORD_HASH_SIZE], *line;
	const char		*problem;
	int			 status;
	const struct option	 options[] = {
		{ .name = "--site", .text = &a.site },
		{ .name = "--first-name", .text = &a.first },
		{ .name = "--last-name", .text = &a.last },
		{ .name = "--email", .text = &a.email },
		{ .name = "--number", .list = &a.numbers },
		{ .name = "--supervisor", .flag = &a.supervisor },
		{ .name = "--supervisor-sites", .text = &a.team },
		{ .name = "--administrator", .flag = &a.administrator },
		{ .name = "--password-file", .text = &a.password.file },
		{ .name = "--password-stdin", .flag = &a.password.stdin_used },
		{ .name = "--if-absent", .flag = &a.style.if_absent },
		{ .name = "--json", .flag = &a.style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, a.words, 2))
		return (2);
	if ((problem = account_problem(&a)) != NULL)
		return (usage_error(verb, "%s", problem));
	if ((line = account_line(&a)) == NULL)
		return (usage_error(verb, "a number is written like "
		    "+33123456789:fixed, +33612345678:mobile or 1234:fixed"));
	if (!secret_given(&a.password))
		status = account_insert(s, &a, line, NULL);
	else if (secret_hash(&a.password, hash))
		status = account_insert(s, &a, line, hash);
	else
		status = 1;
	free(line);
	return (status);
}

static int
account_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	return (
	    db_command_words(s, verb, argc, argv, SQL_PEOPLE_ACCOUNT_LIST, 1));
}

static int
account_password(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	char			 hash[PASSWORD_HASH_SIZE];
	const char		*params[3] = { NULL, NULL, hash };
	struct secret_source	 password = { 0 };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--password-file", .text = &password.file },
		{ .name = "--password-stdin", .flag = &password.stdin_used },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 2))
		return (2);
	if (!secret_given(&password))
		return (usage_error(verb, "--password-file or "
		    "--password-stdin is missing"));
	if (!secret_hash(&password, hash))
		return (1);
	return (db_command(s, SQL_PEOPLE_PASSWORD_SET, params, 3, &style));
}

static int
account_invite(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	return (db_command_words(
	    s, verb, argc, argv, SQL_PEOPLE_ACCOUNT_INVITE, 2));
}

static int
account_profile(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	/* tenant, key, supervisor, administrator */
	const char		*params[4] = { NULL };
	bool			 all = false, none = false;
	bool			 admin = false, no_admin = false;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--supervisor", .flag = &all },
		{ .name = "--supervisor-sites", .text = &params[2] },
		{ .name = "--no-supervisor", .flag = &none },
		{ .name = "--administrator", .flag = &admin },
		{ .name = "--no-administrator", .flag = &no_admin },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 2))
		return (2);
	if (all + none + (params[2] != NULL) > 1 || admin + no_admin > 1)
		return (usage_error(verb, "these options contradict each "
		    "other"));
	if (all || none)
		params[2] = all ? "all" : "none";
	if (admin || no_admin)
		params[3] = admin ? "true" : "false";
	if (params[2] == NULL && params[3] == NULL)
		return (usage_error(verb, "nothing to change was given"));
	return (db_command(s, SQL_PEOPLE_PROFILE_SET, params, 4, &style));
}

/* Disables or enables the account's person, as the verb's name says. */
static int
account_disable(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	const char		*params[3] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 2))
		return (2);
	params[2] = strcmp(verb->name, "disable") == 0 ? "true" : "false";
	return (db_command(s, SQL_PEOPLE_PERSON_DISABLE, params, 3, &style));
}

static const struct verb verbs[] = {
	{ "create", "account create TENANT KEY --site SITE --first-name NAME "
	    "--last-name NAME [--email ADDRESS] [--number +33123456789:fixed "
	    "| --number +33612345678:mobile]… [--supervisor | "
	    "--supervisor-sites a,b] [--administrator] [--password-file FILE "
	    "| --password-stdin] [--if-absent] [--json]", account_create },
	{ "list", "account list TENANT [--json]", account_list },
	{ "password", "account password TENANT KEY --password-file FILE | "
	    "--password-stdin [--json]", account_password },
	{ "invite", "account invite TENANT KEY [--json]", account_invite },
	{ "profile", "account profile TENANT KEY [--supervisor | "
	    "--supervisor-sites a,b | --no-supervisor] [--administrator | "
	    "--no-administrator] [--json]", account_profile },
	{ "recording", "account recording TENANT KEY… --mode "
	    "always|on_demand|off [--json]", account_recording },
	{ "disable", "account disable TENANT KEY [--json]", account_disable },
	{ "enable", "account enable TENANT KEY [--json]", account_disable },
	{ NULL, NULL, NULL }
};

int
command_account(const struct settings *s, int argc, char **argv)
{
	words_start();
	return (verb_run(verbs, s, argc, argv));
}

/*
 * `smartrecord account create|list|password|invite|profile|recording|
 * disable|enable`.
 * The SQL decides; here words become its parameters. Passwords never appear on
 * a command line: a file or standard input holds them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "db/command.h"
#include "onepass/onepass.h"
#include "people/people.h"
#include "people/secret.h"
#include "telephony/telephony.h"

/* What the options of create say, before they are parameters. */
struct account {
	const char		*words[2];	/* tenant, key */
	const char		*site, *first, *last, *email;
	const char		*team;		/* keys of sites, or NULL */
	struct option_list	 numbers;	/* "+33…:fixed" */
	bool			 supervisor, administrator;
	struct secret_source	 password;
	struct command_style	 style;
};

/* The numbers as the SQL takes them, malloc'd; NULL: one is malformed. */
static char *
numbers_json(const struct option_list *numbers)
{
	json_t		*list = json_array();
	const char	*item, *colon;
	char		*text;
	int		 i;

	for (i = 0; i < numbers->count; i++) {
		item = numbers->items[i];
		colon = strchr(item, ':');
		if (colon == NULL || colon - item > 16 ||
		    strspn(item + (item[0] == '+'), "0123456789") !=
		    (size_t)(colon - item) - (item[0] == '+') ||
		    (strcmp(colon, ":fixed") != 0 &&
		    strcmp(colon, ":mobile") != 0)) {
			json_decref(list);
			return (NULL);
		}
		json_array_append_new(list, json_pack("{s:s%, s:s}",
		    "number", item, (size_t)(colon - item),
		    "kind", colon + 1));
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return (text);
}

/* What is wrong with the options, or NULL. */
static const char *
account_problem(const struct account *a)
{
	if (a->site == NULL || a->first == NULL || a->last == NULL)
		return ("--site, --first-name and --last-name are needed");
	if (a->words[1][0] == '\0' || strlen(a->words[1]) > 200)
		return ("the account's key has 1 to 200 characters");
	if (a->supervisor && a->team != NULL)
		return ("--supervisor is for all sites, --supervisor-sites "
		    "for some: give one of them");
	if (a->email == NULL && secret_given(&a->password))
		return ("a password is of no use without --email");
	return (NULL);
}

static int
account_insert(const struct settings *s, const struct account *a,
    const char *numbers, const char *hash)
{
	const char	*params[] = { a->words[0], a->words[1], a->site,
			    a->first, a->last, a->email, numbers,
			    a->supervisor ? "all" : a->team,
			    a->administrator ? "true" : "false", hash };

	return (db_command(s, SQL_PEOPLE_ACCOUNT_CREATE, params, 10,
	    &a->style));
}

static int
account_create(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	struct account		 a = { 0 };
	char			 hash[PASSWORD_HASH_SIZE], *numbers;
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
	if ((numbers = numbers_json(&a.numbers)) == NULL)
		return (usage_error(verb, "a number is written like "
		    "+33123456789:fixed, +33612345678:mobile or 1234:fixed"));
	if (!secret_given(&a.password))
		status = account_insert(s, &a, numbers, NULL);
	else if (secret_hash(&a.password, hash))
		status = account_insert(s, &a, numbers, hash);
	else
		status = 1;
	free(numbers);
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

/* The verb's name says which way. */
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
	return (verb_run(verbs, s, argc, argv));
}

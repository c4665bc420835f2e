/*
 * The table of commands of the binary. Each command is implemented by its
 * feature.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/help.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/version.h"
#include "db/migrate.h"
#include "db/release.h"
#include "jobs/jobs.h"
#include "people/people.h"
#include "recordings/recordings.h"
#include "server/server.h"
#include "telephony/telephony.h"
#include "tenants/tenants.h"

struct command {
	const char	*name;
	const char	*arguments;
	const char	*what;
	int		 (*run)(const struct settings *, int, char **);
};

static int	command_serve(const struct settings *, int, char **);
static int	command_config(const struct settings *, int, char **);

static const struct command commands[] = {
	{ "serve", "", "serve the console, the board and the API over HTTPS",
	    command_serve },
	{ "jobs", "[--trust-clock]",
	    "make archives, send mail, keep up partitions and seals",
	    command_jobs },
	{ "migrate", "[--status]", "bring the database's schema up to date",
	    command_migrate },
	{ "ingest", "FOLDER",
	    "load recordings (JSON + audio) as a pipeline would",
	    command_ingest },
	{ "operator", "create|set|list …",
	    "telecom operators: name, hosts, colour, logo",
	    command_operator },
	{ "tenant", "create|set|list …", "business customers of an operator",
	    command_tenant },
	{ "site", "create|service|retention|list …",
	    "sites of a customer: service, time zone, retention",
	    command_site },
	{ "account", "create|list|password|invite|profile|recording|"
	    "disable|enable …",
	    "people of a customer: numbers, profiles, recording mode",
	    command_account },
	{ "confirm", "list|accept|refuse …",
	    "acts of administrators that wait for a second person",
	    command_confirm },
	{ "telephone", "add|list|remove …",
	    "desk telephones of accounts, for their recording button",
	    command_telephone },
	{ "verify-audit", "[TENANT [--head NUMBER:HASH]]",
	    "look for rows of the access log that were tampered with",
	    command_verify_audit },
	{ "doctor", "[--for serve|jobs|ingest|admin] [--json]",
	    "look at the installation: what is wrong, and what to do",
	    command_doctor },
	{ "config", "", "print the settings in force, secrets hidden",
	    command_config },
	{ "help", "[PAGE]", "print a page of the manual", command_help },
	{ "routes", "", "print every URL with its method and right",
	    command_routes },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
usage(FILE *out)
{
	size_t	i;

	fprintf(out,
	    "smartrecord - call recordings with AI: console, board and API\n\n"
	    "usage: smartrecord [--config FILE] COMMAND [ARGUMENTS]\n"
	    "       smartrecord --version\n\n");
	for (i = 0; i < COMMANDS; i++) {
		fprintf(out, "  %-12s %s\n", commands[i].name,
		    commands[i].what);
		if (commands[i].arguments[0] != '\0')
			fprintf(out, "               smartrecord %s %s\n",
			    commands[i].name, commands[i].arguments);
	}
	fprintf(out,
	    "\nEach command explains itself: smartrecord COMMAND --help\n\n"
	    "Settings come from the file named by --config or by\n"
	    "SMARTRECORD_CONFIG, then from the environment: the key port is\n"
	    "SMARTRECORD_PORT, or SMARTRECORD_PORT_FILE naming a file that\n"
	    "holds it. 'smartrecord help conf' explains every key.\n\n"
	    "A first installation:\n"
	    "  smartrecord migrate\n"
	    "  smartrecord operator create smart --name 'Smart Telecom'\n"
	    "  smartrecord tenant create smart/blueprint --name Blueprint\n"
	    "  smartrecord site create blueprint paris --name Paris\n"
	    "  smartrecord account create blueprint ada --site paris \\\n"
	    "      --first-name Ada --last-name Roux \\\n"
	    "      --email ada@example.com --supervisor --password-stdin\n"
	    "  smartrecord account recording blueprint ada --mode always\n"
	    "  smartrecord jobs &\n"
	    "  smartrecord serve\n");
}

static int
command_serve(const struct settings *s, int argc, char **argv)
{
	char	*why = NULL;

	(void)argc;
	(void)argv;
	if (!store_fits(s, s->run_as, false, &why)) {
		fprintf(stderr, "smartrecord serve: %s\n", why);
		free(why);
		return (1);
	}
	return (server_run(s));
}

static int
command_config(const struct settings *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	settings_print(s);
	return (0);
}

static const struct command *
command_find(const char *name)
{
	size_t	i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return (&commands[i]);
	return (NULL);
}

/* Handles an argument of a command that takes none: --help or an error. */
static int
bare_argument(const struct command *cmd, const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		printf("usage: smartrecord %s\n\nTo %s.\nSettings: see "
		    "'smartrecord --help'.\n", cmd->name, cmd->what);
		return (0);
	}
	fprintf(stderr, "smartrecord %s: unknown argument '%s'; it takes "
	    "none\n", cmd->name, word);
	return (2);
}

static int
command_run(const struct command *cmd, const char *config, int argc,
    char **argv)
{
	struct settings	 settings;
	char		*why = NULL;

	if (argc > 1 && cmd->arguments[0] == '\0')
		return (bare_argument(cmd, argv[1]));
	/* the manual is for those, too, whose settings are wrong */
	if (cmd->run == command_help)
		return (command_help(NULL, argc, argv));
	if (!settings_load(&settings, config, &why)) {
		fprintf(stderr, "smartrecord: %s\n", why);
		free(why);
		return (2);
	}
	if (!log_format(settings.log_format)) {
		fprintf(stderr, "smartrecord: log_format must be text or "
		    "json, not \"%s\"\n", settings.log_format);
		return (2);
	}
	return (cmd->run(&settings, argc, argv));
}

/* Replaces a HOME that this user may not enter: it is that of the user who ran
 * setpriv or runuser, and libpq ends when it may not look for certificates
 * there (PostgreSQL 15, 34.19). */
static void
home_mend(void)
{
	const char		*home = getenv("HOME");
	const struct passwd	*pw = getpwuid(geteuid());

	if (home != NULL && pw != NULL && access(home, X_OK) == -1 &&
	    errno == EACCES)
		(void)setenv("HOME", pw->pw_dir, 1);
}

int
main(int argc, char **argv)
{
	const struct command	*cmd;
	const char		*config = NULL;
	int			 at = 1;

	home_mend();
	if (at + 1 < argc && strcmp(argv[at], "--config") == 0) {
		config = argv[at + 1];
		at += 2;
	}
	if (at >= argc) {
		usage(stderr);
		return (2);
	}
	if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
		usage(stdout);
		return (0);
	}
	if (strcmp(argv[at], "--version") == 0) {
		printf("smartrecord %s (%s)\n", VERSION, release_schema());
		return (0);
	}
	if (strcmp(argv[at], "--config") == 0) {
		fprintf(stderr, "smartrecord: --config needs a FILE\n");
		return (2);
	}
	if ((cmd = command_find(argv[at])) == NULL) {
		fprintf(stderr, "smartrecord: no command '%s'; "
		    "'smartrecord --help' lists them\n", argv[at]);
		return (2);
	}
	return (command_run(cmd, config, argc - at, argv + at));
}

/*
 * Settings: one file of `key = value` lines, the environment over it
 * (SMARTRECORD_KEY, or SMARTRECORD_KEY_FILE naming a file that holds the
 * value), defaults below both. An unknown key is an error. The table in
 * settings.c is the one list: conf/smartrecord.conf, `smartrecord config`
 * and the README are checked against it.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
	const char	*listen;		/* address to bind, "0.0.0.0" */
	int64_t		 port;			/* 8443 */
	const char	*tls_certificate;	/* PEM chain (RSA) */
	const char	*tls_key;		/* PEM key (RSA) */
	const char	*tls_dir;		/* HOST.pem, HOST.key; "" no */
	const char	*run_as;		/* workers become it; "" no */
	const char	*state_dir;		/* pid, generated kore.conf */
	int64_t		 workers;		/* processes; 0 = one a core */
	int64_t		 worker_threads;	/* pool threads a worker; 2 */
	int64_t		 worker_connections;	/* clients a worker; 2000 */
	int64_t		 worker_requests;	/* in progress a worker; 512 */
	int64_t		 worker_streams;	/* of events, a worker; 1000 */
	const char	*database;		/* libpq conninfo of serve */
	const char	*database_jobs;		/* … of jobs */
	const char	*database_pipeline;	/* … of ingest */
	const char	*database_admin;	/* … of migrate and commands */
	int64_t		 database_connections;	/* a worker; 8 */
	const char	*store;			/* "folder:/path" */
	const char	*export_dir;		/* archives in the making */
	const char	*cache_dir;		/* encoded chunks */
	int64_t		 cache_mb;		/* of the chunk cache; 512 */
	const char	*font_dir;		/* of the PDF's letters */
	int64_t		 max_retention_days;	/* 30; at most 90 */
	const char	*public_url;		/* "https://host", of links */
	const char	*mail_url;		/* "smtp://host:25"; "" none */
	const char	*mail_from;		/* address of the sender */
	const char	*mail_user, *mail_password;	/* "" none */
	const char	*mail_starttls;		/* "required", "off" */
};

/* Reads path (NULL: SMARTRECORD_CONFIG, else no file) and the environment.
 * false: *why is a sentence naming file, line and key (malloc'd). The
 * strings live as long as the process. */
bool	settings_load(struct settings *s, const char *path, char **why);
/* `smartrecord config`: key = value lines on stdout, where each came from,
 * secrets (passwords in conninfo included) as "…". */
void	settings_print(const struct settings *s);

#endif

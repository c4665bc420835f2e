/*
 * The table of all settings, and the code that reads them: defaults, then the
 * file, then the environment. Only the bounds of numbers are checked here; the
 * module that uses a value checks its meaning.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "base/text.h"

#define PREFIX		"SMARTRECORD_"
#define VALUE_MAX	65536

enum kind { TEXT, URL, CONNINFO, SECRET, NUMBER };

struct setting {
	const char	*key;
	enum kind	 kind;
	size_t		 offset;	/* in struct settings */
	const char	*preset;	/* default */
	int64_t		 min, max;	/* of a NUMBER */
};

#define S(name, kind, preset, min, max)					\
	{ #name, kind, offsetof(struct settings, name), preset, min, max }

static const struct setting	table[] = {
	S(listen, TEXT, "0.0.0.0", 0, 0),
	S(port, NUMBER, "8443", 1, 65535),
	S(trusted_proxies, TEXT, "", 0, 0),
	S(proxy_listen, TEXT, "", 0, 0),
	S(proxy_port, NUMBER, "0", 0, 65535),
	S(tls_certificate, TEXT, "/etc/smartrecord/certificate.pem", 0, 0),
	S(tls_key, TEXT, "/etc/smartrecord/key.pem", 0, 0),
	S(tls_dir, TEXT, "", 0, 0),
	S(run_as, TEXT, "", 0, 0),
	S(state_dir, TEXT, "/run/smartrecord", 0, 0),
	S(workers, NUMBER, "0", 0, 64),
	S(worker_threads, NUMBER, "2", 1, 32),
	S(worker_connections, NUMBER, "2000", 16, 20000),
	S(worker_requests, NUMBER, "512", 1, 20000),
	S(worker_streams, NUMBER, "1000", 1, 20000),
	S(database, CONNINFO, "dbname=smartrecord user=smartrecord_app", 0, 0),
	S(database_jobs, CONNINFO,
	    "dbname=smartrecord user=smartrecord_jobs", 0, 0),
	S(database_pipeline, CONNINFO, "dbname=smartrecord user=pipeline",
	    0, 0),
	S(database_admin, CONNINFO, "dbname=smartrecord", 0, 0),
	S(database_connections, NUMBER, "8", 1, 64),
	S(database_budget, NUMBER, "0", 0, 100000),
	S(nodes, NUMBER, "1", 1, 1000),
	S(database_timeout_ms, NUMBER, "3000", 100, 600000),
	S(database_prepared, TEXT, "yes", 0, 0),
	S(store, TEXT, "folder:/var/lib/smartrecord/audio", 0, 0),
	S(store_reserve, NUMBER, "10", 0, 90),
	S(export_dir, TEXT, "/var/lib/smartrecord/exports", 0, 0),
	S(export_person_mb, NUMBER, "10240", 1, 1073741824),
	S(export_tenant_mb, NUMBER, "51200", 1, 1073741824),
	S(cache_dir, TEXT, "/var/cache/smartrecord", 0, 0),
	S(cache_mb, NUMBER, "512", 1, 1048576),
	S(font_dir, TEXT, "/usr/share/fonts/truetype/dejavu", 0, 0),
	S(max_retention_days, NUMBER, "30", 1, 90),
	S(log_format, TEXT, "text", 0, 0),
	S(log_file, TEXT, "", 0, 0),
	S(public_url, TEXT, "https://localhost:8443", 0, 0),
	S(mail_url, URL, "", 0, 0),
	S(mail_from, TEXT, "", 0, 0),
	S(mail_user, TEXT, "", 0, 0),
	S(mail_password, SECRET, "", 0, 0),
	S(mail_starttls, TEXT, "required", 0, 0),
};

#define COUNT	(sizeof(table) / sizeof(table[0]))

/* The origin of each value, for settings_print(). */
static char	*origins[COUNT];

static char *
text_printf(const char *fmt, const char *a, const char *b)
{
	char	*s;

	if (asprintf(&s, fmt, a, b) == -1)
		abort();
	return (s);
}

static const struct setting *
setting_find(const char *key)
{
	size_t	i;

	for (i = 0; i < COUNT; i++)
		if (strcmp(table[i].key, key) == 0)
			return (&table[i]);
	return (NULL);
}

/* Stores a value. Takes ownership of origin, which it keeps or frees. */
static bool
setting_put(struct settings *s, const struct setting *t, const char *value,
    char *origin, char **why)
{
	char	*field = (char *)s + t->offset, *copy;
	int64_t	 n;

	if (t->kind == NUMBER) {
		if (!text_int64(value, t->min, t->max, &n)) {
			if (asprintf(why, "%s: %s must be a number from "
			    "%lld to %lld, not \"%s\"", origin, t->key,
			    (long long)t->min, (long long)t->max, value) == -1)
				abort();
			free(origin);
			return (false);
		}
		memcpy(field, &n, sizeof(n));
	} else {
		if ((copy = strdup(value)) == NULL)
			abort();
		memcpy(field, &copy, sizeof(copy));
	}
	free(origins[t - table]);
	origins[t - table] = origin;
	return (true);
}

/* Removes blanks at both ends, in place. */
static char *
trim(char *s)
{
	size_t	n;

	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return (s);
}

static bool
setting_line(struct settings *s, char *line, const char *origin, char **why)
{
	const struct setting	*t;
	char			*key, *value;

	key = trim(line);
	if (key[0] == '\0' || key[0] == '#')
		return (true);
	if ((value = strchr(key, '=')) == NULL) {
		*why = text_printf("%s: not of the form key = value: %s",
		    origin, key);
		return (false);
	}
	*value++ = '\0';
	key = trim(key);
	if ((t = setting_find(key)) == NULL) {
		*why = text_printf("%s: no setting is called \"%s\"; "
		    "'smartrecord help conf' lists them all", origin, key);
		return (false);
	}
	return (setting_put(s, t, trim(value), text_printf("%s%s", origin, ""),
	    why));
}

static bool
file_read(struct settings *s, const char *path, char **why)
{
	char		*line = NULL, origin[512];
	size_t		 cap = 0;
	unsigned	 number = 0;
	bool		 ok = true;
	FILE		*f;

	if ((f = fopen(path, "re")) == NULL) {
		*why = text_printf("settings file %s: %s", path,
		    strerror(errno));
		return (false);
	}
	while (ok && getline(&line, &cap, f) != -1) {
		snprintf(origin, sizeof(origin), "%s line %u", path, ++number);
		ok = setting_line(s, line, origin, why);
	}
	if (ok && ferror(f)) {
		*why = text_printf("settings file %s: %s", path,
		    strerror(errno));
		ok = false;
	}
	free(line);
	fclose(f);
	return (ok);
}

/* Reads the value from the file that a _FILE variable names. */
static char *
secret_read(const char *name, const char *path, char **why)
{
	char	*value;
	size_t	 n;
	FILE	*f;

	if ((f = fopen(path, "re")) == NULL) {
		if (asprintf(why, "environment %s: %s: %s", name, path,
		    strerror(errno)) == -1)
			abort();
		return (NULL);
	}
	if ((value = calloc(1, VALUE_MAX + 1)) == NULL)
		abort();
	n = fread(value, 1, VALUE_MAX, f);
	value[n] = '\0';
	fclose(f);
	return (value);
}

/* Stores the value of a SMARTRECORD_… variable. */
static bool
variable_read(struct settings *s, const char *name, const char *value,
    char **why)
{
	const struct setting	*t;
	char			 key[64], *content;
	size_t			 i, n;
	bool			 ok;

	n = strlen(name + strlen(PREFIX));
	if (n >= sizeof(key))
		n = sizeof(key) - 1;
	for (i = 0; i < n; i++) {
		key[i] = name[strlen(PREFIX) + i];
		if (key[i] >= 'A' && key[i] <= 'Z')
			key[i] = (char)(key[i] - 'A' + 'a');
	}
	key[n] = '\0';
	if ((t = setting_find(key)) != NULL)
		return (setting_put(s, t, value,
		    text_printf("environment %s%s", name, ""), why));
	if (n > 5 && strcmp(key + n - 5, "_file") == 0) {
		key[n - 5] = '\0';
		if ((t = setting_find(key)) != NULL) {
			if ((content = secret_read(name, value, why)) == NULL)
				return (false);
			ok = setting_put(s, t, trim(content), text_printf(
			    "environment %s = %s", name, value), why);
			free(content);
			return (ok);
		}
	}
	*why = text_printf("environment: no setting is called %s%s", name, "");
	return (false);
}

static bool
environment_read(struct settings *s, char **why)
{
	extern char	**environ;
	char		**e, *name, *equals;
	bool		  ok = true;

	for (e = environ; ok && *e != NULL; e++) {
		if (strncmp(*e, PREFIX, strlen(PREFIX)) != 0 ||
		    strncmp(*e, PREFIX "CONFIG=", strlen(PREFIX) + 7) == 0)
			continue;
		if ((name = strdup(*e)) == NULL)
			abort();
		equals = name + strcspn(name, "=");
		if (*equals == '=')
			*equals++ = '\0';
		ok = variable_read(s, name, equals, why);
		free(name);
	}
	return (ok);
}

bool
settings_load(struct settings *s, const char *path, char **why)
{
	size_t	i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < COUNT; i++)
		if (!setting_put(s, &table[i], table[i].preset,
		    text_printf("default%s%s", "", ""), why))
			return (false);
	if (path == NULL)
		path = getenv(PREFIX "CONFIG");
	if (path != NULL && path[0] != '\0' && !file_read(s, path, why))
		return (false);
	return (environment_read(s, why));
}

/* Prints the text up to the value of the next password and returns the text
 * after that value. Returns NULL and prints nothing when there is none. */
static const char *
password_skip(const char *p, bool uri)
{
	const char	*at = p, *value;

	do {
		if ((at = strstr(at, "password")) == NULL)
			return (NULL);
		at += strlen("password");
		value = at + strspn(at, " ");
	} while (*value != '=');
	value++;
	value += strspn(value, " ");
	printf("%.*s…", (int)(value - p), p);
	if (uri)
		return (value + strcspn(value, "&"));
	if (*value != '\'')
		return (value + strcspn(value, " \t"));
	for (value++; *value != '\0' && *value != '\''; value++)
		if (*value == '\\' && value[1] != '\0')
			value++;
	return (value + (*value == '\''));
}

/* Prints a URL or a conninfo with each password as "…". A conninfo has keywords
 * (password=x, quoted or not) or is a URL (user:x@host, ?password=x). */
static void
conninfo_print(const char *p, bool url)
{
	const char	*next = strstr(p, "://"), *at, *host = NULL;
	bool		 uri = next != NULL &&
			    (url || strncmp(p, "postgres", 8) == 0);

	if (uri) {
		next += 3;
		for (at = next; *at != '\0' && strchr("/?", *at) == NULL; at++)
			if (*at == '@')
				host = at;
		next += strcspn(next, ":");
		if (host != NULL && next < host) {
			printf("%.*s…", (int)(next + 1 - p), p);
			p = host;
		}
	}
	while ((next = password_skip(p, uri)) != NULL)
		p = next;
	printf("%s", p);
}

static void
text_print(enum kind kind, const char *text)
{
	if (kind == CONNINFO || kind == URL)
		conninfo_print(text, kind == URL);
	else
		printf("%s", kind == SECRET && *text != '\0' ? "…" : text);
}

void
settings_print(const struct settings *s)
{
	const char	*field, *text;
	size_t		 i;
	int64_t		 n;

	for (i = 0; i < COUNT; i++) {
		field = (const char *)s + table[i].offset;
		printf("%s = ", table[i].key);
		if (table[i].kind == NUMBER) {
			memcpy(&n, field, sizeof(n));
			printf("%lld", (long long)n);
		} else {
			memcpy(&text, field, sizeof(text));
			text_print(table[i].kind, text);
		}
		printf("\t# %s\n", origins[i]);
	}
}

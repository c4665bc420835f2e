/* Settings, disks, certificates and mail for `smartrecord doctor`; see
 * doctor_checks.h. */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/doctor_checks.h"
#include "jobs/post.h"
#include "net/mail.h"
#include "recordings/recordings.h"
#include "server/certificate_facts.h"
#include "server/certificate.h"
#include "store/store.h"

#define FREE_FAULT	5	/* percent */
#define FREE_WARNING	15
#define DAYS_FAULT	3	/* until a certificate ends */
#define DAYS_WARNING	21
#define HOST_SIZE	256

/* --- folders ------------------------------------------------------------- */

static int
percent(uint64_t part, uint64_t whole)
{
	return (whole == 0 ? 100 : (int)(100 * part / whole));
}

static void
say_space(struct doctor *d, const char *setting, const char *path)
{
	struct statvfs	 disk;
	int		 bytes, files;
	bool		 few_files;

	if (statvfs(path, &disk) == -1)
		return;
	bytes = percent(disk.f_bavail, disk.f_blocks);
	files = percent(disk.f_favail, disk.f_files);
	few_files = files < bytes;
	if (few_files)
		bytes = files;
	doctor_say(d, bytes < FREE_FAULT ? HEALTH_FAULT : bytes < FREE_WARNING ?
	    HEALTH_WARNING : HEALTH_OK, setting, "Make room on the disk, or "
	    "give it a larger one", "%d %% of the %s of its disk are free",
	    bytes, few_files ? "files" : "bytes");
}

/* Says what is wrong with a folder that this process has to write. */
static void
say_folder(struct doctor *d, const char *setting, const char *path,
    bool secret)
{
	struct stat	st;
	char		problem[DISK_PROBLEM], what[64];

	(void)snprintf(what, sizeof(what), "the folder %.48s", setting);
	if (stat(path, &st) == -1 || access(path, R_OK | W_OK | X_OK) == -1)
		doctor_say(d, HEALTH_FAULT, setting, "Create it for the user "
		    "of the process, or correct the setting", "%s",
		    disk_problem(what, errno, problem));
	else if (!S_ISDIR(st.st_mode))
		doctor_say(d, HEALTH_FAULT, setting, "Correct the setting",
		    "%s is no folder", path);
	else if (secret && (st.st_mode & S_IRWXO) != 0)
		doctor_say(d, HEALTH_FAULT, setting, "chmod o= on it", "every "
		    "user of this machine can enter %s", path);
	else
		say_space(d, setting, path);
}

static void
say_store(struct doctor *d)
{
	const char	*path = strchr(d->settings->store, '/');
	const char	*user = d->jobs || d->ingest ? "" :
			    d->settings->run_as;
	struct stat	 st;
	char		*why = NULL;

	if (!store_fits(d->settings, user, d->jobs || d->ingest, &why))
		doctor_say(d, HEALTH_FAULT, "store", "Create the folder, "
		    "correct the setting, or give the user the right to it",
		    "%s", why);
	else if (path != NULL && stat(path, &st) == 0 &&
	    (st.st_mode & S_IRWXO) != 0)
		doctor_say(d, HEALTH_FAULT, "store", "chmod o= on it", "every "
		    "user of this machine can enter %s", path);
	else if (path != NULL)
		say_space(d, "store", path);
	free(why);
}

/* --- certificates -------------------------------------------------------- */

/* Sets the host of public_url, "https://host:port". */
static void
url_host(const char *url, char host[HOST_SIZE])
{
	const char	*at = strstr(url, "://");

	at = at == NULL ? url : at + 3;
	(void)snprintf(host, HOST_SIZE, "%.*s", (int)strcspn(at, ":/"), at);
}

static void
say_certificate(struct doctor *d, const char *setting, const char *path,
    const char *host)
{
	struct certificate_facts	f;

	certificate_look(path, host, &f);
	if (!f.readable)
		doctor_say(d, HEALTH_FAULT, setting, "Correct the setting or "
		    "the file", "%s can't be read as a PEM certificate", path);
	else if (!f.begun)
		doctor_say(d, HEALTH_FAULT, setting, "Check this machine's "
		    "clock", "%s is not valid yet", path);
	else if (f.days < 0)
		doctor_say(d, HEALTH_FAULT, setting, "Renew it, then send "
		    "SIGUSR1 to serve", "%s is over", path);
	else if (!f.host)
		doctor_say(d, HEALTH_FAULT, setting, "Have one made for this "
		    "host, or correct public_url", "%s is not for the host %s",
		    path, host);
	else
		doctor_say(d, f.days < DAYS_FAULT ? HEALTH_FAULT : f.days <
		    DAYS_WARNING ? HEALTH_WARNING : HEALTH_OK, setting,
		    "Renew it, then send SIGUSR1 to serve", "%s is valid for "
		    "%d more days, for %s", path, f.days, host);
}

static int
is_pem(const struct dirent *entry)
{
	size_t	n = strlen(entry->d_name);

	return (n > 4 && strcmp(entry->d_name + n - 4, ".pem") == 0);
}

static void
say_certificates(struct doctor *d)
{
	const struct settings	 *s = d->settings;
	struct dirent		**names;
	char			  host[HOST_SIZE], path[4096], *why = NULL;
	struct stat		  st;
	int			  i, n = 0;

	if (!pairs_check(s, &why))
		doctor_say(d, HEALTH_FAULT, "tls_key", "Correct the setting or "
		    "the file", "%s", why);
	free(why);
	if (stat(s->tls_key, &st) == 0 && (st.st_mode & S_IRWXO) != 0)
		doctor_say(d, HEALTH_FAULT, "tls_key", "chmod o= on it",
		    "every user of this machine can read %s", s->tls_key);
	url_host(s->public_url, host);
	say_certificate(d, "tls_certificate", s->tls_certificate, host);
	if (s->tls_dir[0] != '\0')
		n = scandir(s->tls_dir, &names, is_pem, alphasort);
	for (i = 0; i < n; i++) {
		(void)snprintf(host, sizeof(host), "%.*s",
		    (int)strlen(names[i]->d_name) - 4, names[i]->d_name);
		(void)snprintf(path, sizeof(path), "%.3000s/%.255s",
		    s->tls_dir, names[i]->d_name);
		say_certificate(d, "tls_dir", path, host);
		free(names[i]);
	}
	if (n > 0)
		free(names);
}

/* --- mail ---------------------------------------------------------------- */

static void
say_mail(struct doctor *d)
{
	const char	*problem = post_problem(d->settings);
	const char	*url = d->settings->mail_url;
	char		 why[MAIL_WHY];

	if (problem != NULL)
		doctor_say(d, HEALTH_FAULT, "settings", "Correct the setting",
		    "%s", problem);
	else if (url[0] == '\0')
		doctor_say(d, HEALTH_WARNING, "mail_url", "Set it, or give "
		    "passwords with smartrecord account password", "no mail "
		    "is sent: nobody can create or recover an account alone");
	else if (mail_probe(d->settings, why) == OK)
		doctor_say(d, HEALTH_OK, "mail_url", "", "%s accepts mail "
		    "from this machine", url);
	else
		doctor_say(d, HEALTH_FAULT, "mail_url", "Correct mail_url, "
		    "mail_user, mail_password or mail_starttls, or the "
		    "network", "%s does not accept mail: %s", url, why);
}

void
doctor_machine(struct doctor *d)
{
	const struct settings	*s = d->settings;

	if (d->serve || d->jobs || d->ingest)
		say_store(d);
	if (d->serve) {
		say_folder(d, "state_dir", s->state_dir, false);
		say_certificates(d);
	}
	if (d->jobs)
		say_folder(d, "export_dir", s->export_dir, true);
	if (d->serve || d->jobs)
		say_folder(d, "cache_dir", s->cache_dir, true);
	if (d->jobs)
		say_mail(d);
}

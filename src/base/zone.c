/*
 * Time zones from the system's files (RFC 8536), each read once. tzset(3) and
 * localtime(3) are not used, as they have only one zone per process.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/zone.h"

#define ZONE_FOLDER	"/usr/share/zoneinfo/"
#define NAME_MAX_BYTES	64
#define FILE_MAX_BYTES	(256 * 1024)
#define HEADER_BYTES	44
#define FOOTER_MAX	128

struct zone {
	struct zone	*next;		/* in the list of zones */
	char		 name[NAME_MAX_BYTES];
	size_t		 count;		/* number of changes */
	int64_t		*change;	/* seconds since 1970, ascending */
	int32_t		*offset;	/* after it, seconds east of UTC */
	int32_t		 before;	/* offset before the first change */
	bool		 has_rule;
	struct zone_rule rule;		/* applies after the last change */
};

/* Counts and data of a data block (RFC 8536 section 3.1). */
struct block {
	uint32_t		 is_ut, is_std, leaps, times, types, chars;
	const unsigned char	*data;
	size_t			 size;		/* bytes of data */
};

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone	*zones;			/* protected by lock */

static uint32_t		 read_32(const unsigned char *);
static int64_t		 read_64(const unsigned char *);
static bool		 zone_read_block(struct block *, const unsigned char *,
			    size_t, size_t);
static bool		 read_changes(struct zone *, const struct block *);
static void		 read_footer(struct zone *, const unsigned char *,
			    size_t);
static bool		 zone_name_valid(const char *);
static struct zone	*zone_read(const char *);
static int		 zone_offset(const struct zone *, int64_t);

static uint32_t
read_32(const unsigned char *b)
{
	return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3]);
}

static int64_t
read_64(const unsigned char *b)
{
	return ((int64_t)((uint64_t)read_32(b) << 32 | read_32(b + 4)));
}

/* Reads the block at the start of n bytes; a time has time_size bytes. */
static bool
zone_read_block(struct block *b, const unsigned char *bytes, size_t n,
    size_t time_size)
{
	if (n < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0 ||
	    bytes[4] < '2')
		return (false);
	b->is_ut = read_32(bytes + 20);
	b->is_std = read_32(bytes + 24);
	b->leaps = read_32(bytes + 28);
	b->times = read_32(bytes + 32);
	b->types = read_32(bytes + 36);
	b->chars = read_32(bytes + 40);
	b->data = bytes + HEADER_BYTES;
	b->size = (size_t)b->times * (time_size + 1) + (size_t)b->types * 6 +
	    b->chars + (size_t)b->leaps * (time_size + 4) + b->is_std +
	    b->is_ut;

	return (b->types >= 1 && b->types <= 256 &&
	    b->size <= n - HEADER_BYTES);
}

static bool
read_changes(struct zone *z, const struct block *b)
{
	const unsigned char	*index, *types;
	size_t			 i;

	index = b->data + (size_t)b->times * 8;
	types = index + b->times;
	z->before = (int32_t)read_32(types);
	z->count = b->times;
	z->change = calloc(z->count + 1, sizeof(*z->change));
	z->offset = calloc(z->count + 1, sizeof(*z->offset));
	if (z->change == NULL || z->offset == NULL)
		log_fatal("event=out_of_memory");
	for (i = 0; i < z->count; i++) {
		if (index[i] >= b->types)
			return (false);
		z->change[i] = read_64(b->data + i * 8);
		z->offset[i] = (int32_t)read_32(types + 6 * index[i]);
		if (i > 0 && z->change[i] <= z->change[i - 1])
			return (false);
	}

	return (true);
}

/* Reads the rule from "\nRULE\n" after the data. Without a valid rule,
 * has_rule stays false. */
static void
read_footer(struct zone *z, const unsigned char *s, size_t n)
{
	const unsigned char	*end;
	char			 text[FOOTER_MAX];
	size_t			 length;

	if (n < 2 || s[0] != '\n' ||
	    (end = memchr(s + 1, '\n', n - 1)) == NULL)
		return;
	length = (size_t)(end - s) - 1;
	if (length == 0 || length >= sizeof(text))
		return;
	memcpy(text, s + 1, length);
	text[length] = '\0';
	z->has_rule = zone_rule_parse(&z->rule, text);
}

struct zone *
zone_parse(const unsigned char *bytes, size_t n)
{
	struct block	 b;
	struct zone	*z;
	size_t		 skip;

	/* The first block has 32-bit times and is skipped. */
	if (!zone_read_block(&b, bytes, n, 4))
		return (NULL);
	skip = HEADER_BYTES + b.size;
	bytes += skip;
	n -= skip;
	if (!zone_read_block(&b, bytes, n, 8))
		return (NULL);

	if ((z = calloc(1, sizeof(*z))) == NULL)
		log_fatal("event=out_of_memory");
	if (!read_changes(z, &b)) {
		zone_free(z);
		return (NULL);
	}
	skip = HEADER_BYTES + b.size;
	read_footer(z, bytes + skip, n - skip);

	return (z);
}

void
zone_free(struct zone *z)
{
	free(z->change);
	free(z->offset);
	free(z);
}

/* Returns whether the name is a path inside ZONE_FOLDER. */
static bool
zone_name_valid(const char *name)
{
	size_t	 n;

	n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+-/");
	return (n > 0 && n < NAME_MAX_BYTES && name[n] == '\0' &&
	    name[0] != '/');
}

/* Returns NULL when there is no such zone or its file is invalid. */
static struct zone *
zone_read(const char *name)
{
	unsigned char	*bytes;
	char		 path[sizeof(ZONE_FOLDER) + NAME_MAX_BYTES];
	struct zone	*z;
	ssize_t		 n, got;
	int		 fd;

	if (!zone_name_valid(name))
		return (NULL);
	memcpy(path, ZONE_FOLDER, sizeof(ZONE_FOLDER));
	strcat(path, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (NULL);
	if ((bytes = malloc(FILE_MAX_BYTES)) == NULL)
		log_fatal("event=out_of_memory");
	for (n = 0; n < FILE_MAX_BYTES; n += got) {
		got = read(fd, bytes + n, (size_t)(FILE_MAX_BYTES - n));
		if (got <= 0)
			break;
	}
	z = zone_parse(bytes, (size_t)n);
	free(bytes);
	(void)close(fd);

	return (z);
}

const struct zone *
zone_get(const char *name)
{
	struct zone	*z;

	if (strlen(name) >= NAME_MAX_BYTES)
		name = "";
	pthread_mutex_lock(&lock);
	for (z = zones; z != NULL; z = z->next) {
		if (strcmp(z->name, name) == 0)
			break;
	}
	if (z == NULL) {
		if ((z = zone_read(name)) == NULL) {
			log_warn("event=zone_unknown zone=%s", name);
			/* A zeroed zone is UTC. */
			if ((z = calloc(1, sizeof(*z))) == NULL)
				log_fatal("event=out_of_memory");
		}
		strcpy(z->name, name);
		z->next = zones;
		zones = z;
	}
	pthread_mutex_unlock(&lock);

	return (z);
}

static int
zone_offset(const struct zone *z, int64_t seconds)
{
	size_t	 low, high, middle;

	if (z->has_rule &&
	    (z->count == 0 || seconds >= z->change[z->count - 1]))
		return (zone_rule_offset(&z->rule, seconds));
	low = 0;			/* number of changes <= seconds */
	high = z->count;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (z->change[middle] <= seconds)
			low = middle + 1;
		else
			high = middle;
	}

	return (low == 0 ? z->before : z->offset[low - 1]);
}

struct civil
zone_civil(const struct zone *z, int64_t ms)
{
	int64_t	 seconds;

	seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
	return (clock_civil(seconds + zone_offset(z, seconds)));
}

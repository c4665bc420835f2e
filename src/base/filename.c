/*
 * Names of downloaded files. A name is valid on NTFS (with the reserved names
 * of DOS), APFS and ext4, which allow at most 255 bytes or UTF-16 units.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/filename.h"
#include "base/text.h"

#define PART_MAX	48	/* bytes of each part but the last */
#define SEPARATOR	" - "

/* ASCII forms of the letters U+00C0 to U+017F (Latin-1 and Latin Extended-A),
 * two bytes each, padded with a space. */
static const char	ascii_letters[] =
    "A A A A A A AEC E E E E I I I I D N O O O O O x O U U U U Y Thss"
    "a a a a a a aec e e e e i i i i d n o o o o o - o u u u u y thy "
    "A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g "
    "G g G g H h H h I i I i I i I i I i IJijJ j K k k L l L l L l L "
    "l L l N n N n N n n N n O o O o O o OEoeR r R r R r S s S s S s "
    "S s T t T t T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s ";

/* Returns whether c is a control (C0, DEL, C1), a space or a line end. */
static bool
is_space(uint32_t c)
{
	return (c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000);
}

/* Returns whether Windows reserves c; all systems reserve "/". */
static bool
is_reserved(uint32_t c)
{
	return (c < 0x80 && strchr("<>:\"/\\|?*", (int)c) != NULL);
}

/* Truncates the name to at most n bytes between characters, then removes
 * trailing dots and spaces. */
static void
name_truncate(struct buf *b, size_t n)
{
	if (b->len > n) {
		while (n > 0 && ((unsigned char)b->data[n] & 0xc0) == 0x80)
			n--;
		b->len = n;
	}
	while (b->len > 0 && strchr(" .", b->data[b->len - 1]) != NULL)
		b->len--;
	if (b->data != NULL)
		b->data[b->len] = '\0';
}

/* Appends a character of a part if a name may contain it, or a space for a
 * reserved one. first: the part has no character yet. */
static void
add_character(struct buf *b, const char *s, size_t n, uint32_t c, bool first)
{
	if (is_space(c) || is_reserved(c)) {
		if (!first && b->data[b->len - 1] != ' ')
			buf_putc(b, ' ');
	} else if (!text_invisible(c) && !(first && c == '.'))
		buf_append(b, s, n);
}

static void
add_part(struct buf *name, const char *part, size_t max)
{
	struct buf	 b = { NULL, 0, 0 };
	uint32_t	 c;
	size_t		 n;

	for (; *part != '\0'; part += n) {
		n = utf8_next(part, &c);
		add_character(&b, part, n, c, b.len == 0);
	}
	name_truncate(&b, max);
	if (b.len > 0 && name->len > 0)
		buf_puts(name, SEPARATOR);
	buf_append(name, b.data, b.len);
	buf_dispose(&b);
}

/* Returns whether the name is reserved by DOS (CON, NUL, COM1…), with any
 * extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
static bool
is_device(const char *name)
{
	static const char *const devices[] = { "CON", "PRN", "AUX", "NUL",
	    "CONIN$", "CONOUT$", "COM", "LPT" };
	size_t	 i, n, stem;

	stem = strcspn(name, ".");
	while (stem > 0 && name[stem - 1] == ' ')
		stem--;
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		n = strlen(devices[i]);
		if (strncasecmp(name, devices[i], n) != 0)
			continue;
		/* a digit, or one of the superscripts ¹ ² ³ */
		if (i < 6 ? stem == n : (stem == n + 1 && name[n] >= '0' &&
		    name[n] <= '9') || (stem == n + 2 && name[n] == '\xc2'))
			return (true);
	}
	return (false);
}

char *
filename_make(struct arena *a, const char *const *parts, size_t n,
    const char *ending)
{
	struct buf	 b = { NULL, 0, 0 };
	char		*name;
	size_t		 i;

	for (i = 0; i < n; i++)
		if (parts[i] != NULL)
			add_part(&b, parts[i], i + 1 < n ? PART_MAX :
			    FILENAME_MAX_BYTES);
	name_truncate(&b, FILENAME_MAX_BYTES - strlen(ending) - 1);
	if (b.len == 0)
		buf_putc(&b, '_');
	name = arena_printf(a, "%s%s%s", is_device(b.data) ? "_" : "", b.data,
	    ending);
	buf_dispose(&b);
	return (name);
}

/* Appends the ASCII form of the character, '_' when it has none. */
static void
add_folded(struct buf *b, uint32_t c)
{
	const char	*pair;

	if (c >= 0xc0 && c <= 0x17f) {
		pair = ascii_letters + (c - 0xc0) * 2;
		buf_append(b, pair, pair[1] == ' ' ? 1 : 2);
	} else if (c == 0x2019 || c == 0x2018)
		buf_putc(b, '\'');
	else if (c == 0x2013 || c == 0x2014)
		buf_putc(b, '-');
	else
		buf_putc(b, c < 0x80 ? (char)c : '_');
}

/* Appends an attr-char (RFC 8187 section 3.2.1) as it is, another byte as
 * %XX. */
static void
add_encoded(struct buf *b, unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL))
		buf_putc(b, (char)c);
	else
		buf_printf(b, "%%%02X", c);
}

/* Appends the name in ASCII. '%' becomes '_' because some browsers decode it
 * in the quoted form. */
static void
add_ascii(struct buf *b, const char *name)
{
	uint32_t	 c;
	size_t		 n;

	for (; *name != '\0'; name += n) {
		n = utf8_next(name, &c);
		add_folded(b, c < 0x20 || c == 0x7f || c == '"' || c == '\\' ||
		    c == '%' ? '_' : c);
	}
}

char *
filename_disposition(struct arena *a, const char *kind, const char *name)
{
	struct buf	 b = { NULL, 0, 0 };
	size_t		 start;
	char		*value;

	buf_printf(&b, "%s; filename=\"", kind);
	start = b.len;
	add_ascii(&b, name);
	if (strcmp(b.data + start, name) != 0) {
		buf_puts(&b, "\"; filename*=UTF-8''");
		for (; *name != '\0'; name++)
			add_encoded(&b, (unsigned char)*name);
	} else
		buf_putc(&b, '"');
	value = arena_strdup(a, b.data);
	buf_dispose(&b);
	return (value);
}

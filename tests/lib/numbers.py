# Prints thousands of written telephone numbers and what libphonenumber (Debian's
# package python3-phonenumbers) understands by them, one JSON array a line:
# [how it is written, what is written, E.164 or null when no such number can
# exist].
import json

import phonenumbers
from phonenumbers import PhoneNumberFormat as F
from phonenumbers import PhoneNumberType, PhoneMetadata, ValidationResult

KINDS = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE]


def understood(text):
    """libphonenumber's E.164 of a text, null for an impossible number."""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None
    if (phonenumbers.is_possible_number_with_reason(number)
            != ValidationResult.IS_POSSIBLE):
        return None
    return phonenumbers.format_number(number, F.E164)


def examples():
    """A number of each kind of each region, and of codes without a region."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            yield phonenumbers.example_number_for_type(region, kind)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield phonenumbers.example_number_for_non_geo_entity(code)


def writings(number):
    """The number in many writings; of some, libphonenumber is asked itself."""
    e164 = phonenumbers.format_number(number, F.E164)
    code, rest = str(number.country_code), e164[len(str(number.country_code)) + 1:]
    spaced = phonenumbers.format_number(number, F.INTERNATIONAL)
    region = phonenumbers.region_code_for_country_code(number.country_code)
    meta = PhoneMetadata.metadata_for_region_or_calling_code(
        number.country_code, region)
    trunk = meta.national_prefix
    yield "E.164", e164, e164
    yield "international", spaced, e164
    yield "00", "00" + spaced[1:], e164
    yield "00 digits", "00" + e164[1:], e164
    yield "brackets", spaced.replace(f"+{code} ", f"(+{code}) "), e164
    yield "hyphens", spaced.replace(" ", "\u2011"), e164
    yield "dots", spaced.replace(" ", "."), e164
    yield "invisible", f"\u202a\u2068{spaced}\u2069\u202c\ufeff", e164
    yield "narrow spaces", spaced.replace(" ", "\u202f"), e164
    yield "fullwidth", "".join(chr(ord(c) + 0xfee0) if c in "+0123456789"
                               else c for c in spaced), e164
    yield "tel", phonenumbers.format_number(number, F.RFC3966), e164
    yield "tel parameter", f"tel:{rest};phone-context=+{code}", e164
    yield "sip", f"sip:{e164}@sbc.example.org;user=phone", e164
    yield "name and sips", f'"P 7" <sips:%2B{e164[1:]}@10.0.0.7:5061>', e164
    if trunk and not rest.startswith("0") and len(rest) > 6:
        yield "trunk", f"+{code} ({trunk}) {rest}", e164
        if understood(f"+{code} {trunk}{rest}") == e164:
            yield "trunk bare", f"+{code} {trunk}{rest}", e164
    if region == "FR":
        yield "national", phonenumbers.format_number(number, F.NATIONAL), e164
    for n, other in ((1, e164 + "7"), (2, e164 + "77"), (-1, e164[:-1]),
                     (-2, e164[:-2])):
        yield f"length {n:+}", other, understood(other)


for example in examples():
    if example is not None:
        for line in writings(example):
            print(json.dumps(line))

#include "server/origin.h"

/* Host header to name: [::1]:8000 gives ::1, localhost:8000 gives localhost. */
static slice without_port(slice host)
{
    if (host.size > 0 && host.data[0] == '[') {
        const char *end = memchr(host.data, ']', host.size);
        return end ? slice_of(host.data + 1, (size_t)(end - host.data) - 1) : host;
    }
    const char *colon = memchr(host.data, ':', host.size);
    return colon ? slice_first(host, (size_t)(colon - host.data)) : host;
}

static bool ends_with(slice text, slice ending)
{
    return text.size > ending.size &&
           slice_equal_ignoring_case(slice_from(text, text.size - ending.size), ending);
}

static bool is_dotted(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((text.data[i] < '0' || text.data[i] > '9') && text.data[i] != '.')
            return false;
    }
    return true;
}

bool origin_is_loopback(slice host)
{
    return slice_equal_ignoring_case(host, SLICE("localhost")) ||
           slice_equal(host, SLICE("::1")) || ends_with(host, SLICE(".localhost")) ||
           (slice_begins_with(host, SLICE("127.")) && is_dotted(host));
}

bool origin_host_is_known(const struct origin_policy *policy, slice named)
{
    if (!policy->loopback_names_only || !named.data)
        return true;
    slice host = without_port(named);
    return origin_is_loopback(host) || slice_equal_ignoring_case(host, policy->host);
}

bool origin_is_allowed(const struct origin_policy *policy, slice origin)
{
    slice left = policy->allowed_origins;
    while (left.size > 0) {
        const char *comma = memchr(left.data, ',', left.size);
        size_t size = comma ? (size_t)(comma - left.data) : left.size;
        if (slice_equal(slice_first(left, size), origin))
            return true;
        left = slice_from(left, comma ? size + 1 : size);
    }
    return false;
}

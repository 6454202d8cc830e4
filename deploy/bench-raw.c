/* The same work as phoihop-bench's, in plain C on librabbitmq: what the broker and the library allow with next to nothing in between.
 *
 *   bench-raw fill    URI FILE          puts the records of FILE into the ledger, without a measurement
 *   bench-raw publish URI FILE WINDOW   publishes all of FILE with confirms, at most WINDOW of them open; prints messages per second
 *   bench-raw read    URI COUNT         reads COUNT records of the ledger and copies each body; prints records per second
 *   bench-raw scan    URI COUNT         the same, and walks through each body as JSON to find the envelope's members
 *   bench-raw latency URI URI FILE COUNT  publishes one at a time on the first connection, reads each from the ledger on the second; prints
 *                                       the median in microseconds
 *   bench-raw follow  URI COUNT [KEY]   reads COUNT records of the ledger that are put there from now on; says "ready" once it reads. Given KEY, only
 *                                       records count whose routing key begins with it
 *   bench-raw watch   URI               says "ready" once it reads the ledger, then of each record that is put there from now on its id and the
 *                                       second at which it was here, until it is ended
 *   bench-raw purge   URI QUEUE         empties a queue
 *
 * A record in FILE is four lengths (32 bits, this machine's order) and then routing key, id, user and body. */

#define _GNU_SOURCE
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { channel = 1, prefetch = 1000, frames_per_release = 128, seconds_of_patience = 30 };

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench-raw: %s\n", what);
    exit(1);
}

static void *grown(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) fail("out of memory");
    return memory;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- the messages ------------------------------------------------------------------------------------------------------------------ */

struct message {
    amqp_bytes_t key, id, user, body;
};

static struct message *messages;
static size_t message_count;

static amqp_bytes_t take(char **position, const char *end, uint32_t length) {
    if ((size_t)(end - *position) < length) fail("the file of messages is cut off");
    amqp_bytes_t bytes = {length, *position};
    *position += length;
    return bytes;
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail("cannot open the file of messages");
    long size = ftell(file);
    if (size <= 0) fail("the file of messages is empty");
    rewind(file);
    char *position = grown(NULL, (size_t)size);
    if (fread(position, 1, (size_t)size, file) != (size_t)size) fail("cannot read the file of messages");
    fclose(file);
    const char *end = position + size;
    size_t room = 0;
    while (position < end) {
        if (message_count == room) messages = grown(messages, (room = room ? room * 2 : 1024) * sizeof *messages);
        uint32_t lengths[4];
        memcpy(lengths, take(&position, end, sizeof lengths).bytes, sizeof lengths);
        struct message *message = &messages[message_count++];
        message->key = take(&position, end, lengths[0]);
        message->id = take(&position, end, lengths[1]);
        message->user = take(&position, end, lengths[2]);
        message->body = take(&position, end, lengths[3]);
    }
}

/* --- the connection ---------------------------------------------------------------------------------------------------------------- */

static void expect(amqp_connection_state_t connection, const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static amqp_connection_state_t connected(const char *uri) {
    char *copy = strdup(uri);
    struct amqp_connection_info info;
    if (!copy || amqp_parse_url(copy, &info) != AMQP_STATUS_OK) fail("the broker's address cannot be read");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = connection ? amqp_tcp_socket_new(connection) : NULL;
    if (!socket || amqp_socket_open(socket, info.host, info.port) != AMQP_STATUS_OK) fail("cannot connect");
    if (amqp_login(connection, *info.vhost ? info.vhost : "/", 1, 131072, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password).reply_type !=
        AMQP_RESPONSE_NORMAL)
        fail("cannot log in");
    /* The broker adds headers to messages and may exceed the agreed size itself. */
    amqp_tune_connection(connection, 1, 262144, 0);
    amqp_channel_open(connection, channel);
    expect(connection, "cannot open the channel");
    free(copy);
    return connection;
}

static void closed(amqp_connection_state_t connection) {
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

/* The next frame; false if none is here and the caller does not want to wait. */
static bool next(amqp_connection_state_t connection, amqp_frame_t *frame, bool waits) {
    struct timeval patience = {waits ? seconds_of_patience : 0, 0};
    int status = amqp_simple_wait_frame_noblock(connection, frame, &patience);
    if (status == AMQP_STATUS_TIMEOUT && !waits) return false;
    if (status != AMQP_STATUS_OK) fail(status == AMQP_STATUS_TIMEOUT ? "the broker is silent" : amqp_error_string2(status));
    if (frame->frame_type == AMQP_FRAME_METHOD) {
        switch (frame->payload.method.id) {
        case AMQP_CONNECTION_CLOSE_METHOD:
        case AMQP_CHANNEL_CLOSE_METHOD: fail("the broker closed the channel");
        case AMQP_BASIC_NACK_METHOD: fail("a queue refused a message");
        case AMQP_BASIC_RETURN_METHOD: fail("a message came back");
        case AMQP_BASIC_CANCEL_METHOD: fail("the broker ended the consumer");
        case AMQP_CONNECTION_BLOCKED_METHOD: fail("the broker takes no messages");
        }
    }
    return true;
}

/* --- publishing -------------------------------------------------------------------------------------------------------------------- */

/* Which of the messages sent are confirmed. */
static struct {
    bool *settled;
    size_t sent, first, open;
} confirms;

static void begin_confirms(amqp_connection_state_t connection, size_t count) {
    amqp_confirm_select(connection, channel);
    expect(connection, "no confirms");
    confirms.settled = grown(NULL, count + 1);
    memset(confirms.settled, 0, count + 1);
    confirms.first = 1;
}

static void confirm(const amqp_basic_ack_t *ack) {
    if (ack->delivery_tag > confirms.sent) fail("a confirm for what was not sent");
    for (size_t tag = ack->multiple ? confirms.first : ack->delivery_tag; tag <= ack->delivery_tag; tag++) {
        if (!confirms.settled[tag]) confirms.open--;
        confirms.settled[tag] = true;
    }
    while (confirms.first <= confirms.sent && confirms.settled[confirms.first]) confirms.first++;
}

static void take_confirms(amqp_connection_state_t connection, size_t most) {
    amqp_frame_t frame;
    while (next(connection, &frame, confirms.open > most))
        if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD) confirm(frame.payload.method.decoded);
    amqp_maybe_release_buffers(connection);
}

static void send_message(amqp_connection_state_t connection, const char *exchange, const struct message *message, bool mandatory) {
    amqp_basic_properties_t properties = {0};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_USER_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/cloudevents+json");
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    properties.message_id = message->id;
    properties.user_id = message->user;
    int status = amqp_basic_publish(connection, channel, amqp_cstring_bytes(exchange), message->key, mandatory, 0, &properties, message->body);
    if (status != AMQP_STATUS_OK) fail(amqp_error_string2(status));
    confirms.sent++;
    confirms.open++;
}

static double publish_all(const char *uri, const char *exchange, size_t window) {
    amqp_connection_state_t connection = connected(uri);
    begin_confirms(connection, message_count);
    double begun = now();
    for (size_t index = 0; index < message_count; index++) {
        if (confirms.open >= window) take_confirms(connection, window - 1);
        send_message(connection, exchange, &messages[index], true);
    }
    take_confirms(connection, 0);
    double rate = (double)message_count / (now() - begun);
    closed(connection);
    return rate;
}

/* --- reading ----------------------------------------------------------------------------------------------------------------------- */

/* Walks through a JSON value and returns what follows it, or NULL if it is none. `members` is called for each member of the outermost object. */
typedef void (*member_found)(const char *key, size_t key_length, const char *value, size_t value_length, void *context);

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '"') return at + 1;
        if (*at == '\\') at++;
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end, int depth, member_found found, void *context) {
    at = skip_space(at, end);
    if (at == end || depth > 64) return NULL;
    if (*at == '"') return skip_string(at, end);
    if (*at == '{' || *at == '[') {
        bool is_object = *at == '{';
        char closing = is_object ? '}' : ']';
        at = skip_space(at + 1, end);
        if (at < end && *at == closing) return at + 1;
        while (at < end) {
            const char *key = at, *key_end = at;
            if (is_object) {
                if (*at != '"' || !(key_end = skip_string(at, end))) return NULL;
                at = skip_space(key_end, end);
                if (at == end || *at != ':') return NULL;
                at++;
            }
            const char *value = skip_space(at, end);
            if (!(at = skip_value(at, end, depth + 1, NULL, NULL))) return NULL;
            if (is_object && found) found(key + 1, (size_t)(key_end - key - 2), value, (size_t)(at - value), context);
            at = skip_space(at, end);
            if (at == end) return NULL;
            if (*at == closing) return at + 1;
            if (*at++ != ',') return NULL;
            at = skip_space(at, end);
        }
        return NULL;
    }
    const char *start = at;
    while (at < end && *at != ',' && *at != '}' && *at != ']' && *at != ' ') at++;
    return at > start ? at : NULL;
}

static void note_member(const char *key, size_t key_length, const char *value, size_t value_length, void *context) {
    static const char *const names[] = {"id", "source", "type", "subject", "time", "data"};
    amqp_bytes_t *members = context;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++)
        if (strlen(names[index]) == key_length && !memcmp(names[index], key, key_length)) members[index] = (amqp_bytes_t){value_length, (void *)value};
}

static void scan(const char *body, size_t length) {
    amqp_bytes_t members[6] = {{0, NULL}};
    if (!skip_value(body, body + length, 0, note_member, members) || !members[0].len || !members[1].len || !members[2].len || !members[4].len ||
        !members[5].len)
        fail("a record is no event");
}

/* A consumer of the ledger. */
struct reader {
    amqp_connection_state_t connection;
    bool scans, counts, keeps_id;
    char id[256];
    const char *key;
    char *body;
    size_t room, length, expected;
    uint64_t tag, acknowledged;
    size_t count, frames;
};

static void subscribe(struct reader *reader, const char *uri, const char *offset) {
    reader->connection = connected(uri);
    amqp_basic_qos(reader->connection, channel, 0, prefetch, 0);
    expect(reader->connection, "no prefetch");
    amqp_table_entry_t entry = {amqp_cstring_bytes("x-stream-offset"), {AMQP_FIELD_KIND_UTF8, {.bytes = amqp_cstring_bytes(offset)}}};
    amqp_table_t arguments = {1, &entry};
    amqp_basic_consume(reader->connection, channel, amqp_cstring_bytes("ledger"), amqp_empty_bytes, 0, 0, 0, arguments);
    expect(reader->connection, "cannot read the ledger");
}

static void keep_id(struct reader *reader, const amqp_basic_properties_t *properties) {
    size_t length = properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG ? properties->message_id.len : 0;
    if (length) memcpy(reader->id, properties->message_id.bytes, length); /* At most 255 bytes, as AMQP has it. */
    reader->id[length] = 0;
}

static void acknowledge(struct reader *reader) {
    if (reader->acknowledged == reader->tag) return;
    reader->acknowledged = reader->tag;
    if (amqp_basic_ack(reader->connection, channel, reader->tag, 1) != AMQP_STATUS_OK) fail("cannot acknowledge");
}

/* Takes in one frame; true if it completes a record. */
static bool read_frame(struct reader *reader, bool waits, bool *was_there) {
    amqp_frame_t frame;
    *was_there = next(reader->connection, &frame, waits);
    if (!*was_there) return false;
    bool completes = false;
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
        amqp_basic_deliver_t *delivery = frame.payload.method.decoded;
        size_t length = reader->key ? strlen(reader->key) : 0;
        reader->tag = delivery->delivery_tag;
        reader->counts = delivery->routing_key.len >= length && (!length || !memcmp(delivery->routing_key.bytes, reader->key, length));
    } else if (frame.frame_type == AMQP_FRAME_HEADER) {
        reader->expected = frame.payload.properties.body_size;
        reader->length = 0;
        if (reader->expected > reader->room) reader->body = grown(reader->body, reader->room = reader->expected);
        if (reader->keeps_id) keep_id(reader, frame.payload.properties.decoded);
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        amqp_bytes_t piece = frame.payload.body_fragment;
        if (reader->length + piece.len > reader->room) fail("a body is longer than it said");
        memcpy(reader->body + reader->length, piece.bytes, piece.len);
        reader->length += piece.len;
        completes = reader->length == reader->expected;
        if (completes) {
            if (reader->counts) reader->count++;
            if (reader->scans) scan(reader->body, reader->length);
        }
    }
    if (++reader->frames % frames_per_release == 0) amqp_maybe_release_buffers(reader->connection);
    return completes;
}

static double read_all(const char *uri, size_t count, bool scans) {
    struct reader reader = {.scans = scans};
    double begun = now();
    subscribe(&reader, uri, "first");
    bool was_there;
    while (reader.count < count)
        if (read_frame(&reader, true, &was_there) && reader.tag - reader.acknowledged >= prefetch / 4) acknowledge(&reader);
    double rate = (double)count / (now() - begun);
    closed(reader.connection);
    return rate;
}

static void follow(const char *uri, size_t count, const char *key) {
    struct reader reader = {.key = key};
    subscribe(&reader, uri, "next");
    puts("ready");
    fflush(stdout);
    bool was_there;
    while (reader.count < count)
        if (read_frame(&reader, true, &was_there) && reader.tag - reader.acknowledged >= prefetch / 4) acknowledge(&reader);
    closed(reader.connection);
}

static void watch(const char *uri) {
    struct reader reader = {.keeps_id = true};
    setvbuf(stdout, NULL, _IOLBF, 0);
    subscribe(&reader, uri, "next");
    puts("ready");
    for (bool was_there = false;;) {
        struct pollfd socket = {amqp_get_sockfd(reader.connection), POLLIN, 0};
        bool is_read = read_frame(&reader, false, &was_there);
        if (!was_there && poll(&socket, 1, -1) < 0) fail("cannot wait");
        if (!is_read) continue;
        struct timespec time;
        clock_gettime(CLOCK_REALTIME, &time);
        printf("%s %lld.%06ld\n", reader.id, (long long)time.tv_sec, time.tv_nsec / 1000);
        if (reader.tag - reader.acknowledged >= prefetch / 4) acknowledge(&reader);
    }
}

/* --- latency ----------------------------------------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_latency(const char *publisher_uri, const char *reader_uri, size_t count) {
    enum { warmup = 50 };
    count += warmup;
    if (count > message_count) fail("too few messages");
    struct reader reader = {0};
    subscribe(&reader, reader_uri, "next");
    amqp_connection_state_t publisher = connected(publisher_uri);
    begin_confirms(publisher, count);
    double *spans = grown(NULL, count * sizeof *spans);
    for (size_t index = 0; index < count; index++) {
        double begun = now();
        send_message(publisher, "phoihop", &messages[index], true);
        bool is_read = false, was_there;
        while (!is_read || confirms.open) {
            struct pollfd sockets[] = {{amqp_get_sockfd(reader.connection), POLLIN, 0}, {amqp_get_sockfd(publisher), POLLIN, 0}};
            if (poll(sockets, 2, seconds_of_patience * 1000) <= 0) fail("the broker is silent");
            do {
                if (read_frame(&reader, false, &was_there)) {
                    spans[index] = now() - begun;
                    is_read = true;
                }
            } while (was_there);
            take_confirms(publisher, confirms.open);
        }
        acknowledge(&reader);
    }
    qsort(spans + warmup, count - warmup, sizeof *spans, by_size);
    double median = spans[warmup + (count - warmup) / 2] * 1e6;
    closed(publisher);
    closed(reader.connection);
    return median;
}

int main(int count, char **words) {
    const char *task = count > 2 ? words[1] : "";
    if (!strcmp(task, "fill") && count == 4) {
        load(words[3]);
        publish_all(words[2], "phoihop.restore", 1000);
    } else if (!strcmp(task, "publish") && count == 5) {
        load(words[3]);
        printf("%.1f\n", publish_all(words[2], "phoihop", strtoul(words[4], NULL, 10)));
    } else if ((!strcmp(task, "read") || !strcmp(task, "scan")) && count == 4) {
        printf("%.1f\n", read_all(words[2], strtoul(words[3], NULL, 10), *task == 's'));
    } else if (!strcmp(task, "latency") && count == 6) {
        load(words[4]);
        printf("%.1f\n", median_latency(words[2], words[3], strtoul(words[5], NULL, 10)));
    } else if (!strcmp(task, "follow") && (count == 4 || count == 5)) {
        follow(words[2], strtoul(words[3], NULL, 10), count == 5 ? words[4] : NULL);
    } else if (!strcmp(task, "watch") && count == 3) {
        watch(words[2]);
    } else if (!strcmp(task, "purge") && count == 4) {
        amqp_connection_state_t connection = connected(words[2]);
        amqp_queue_purge(connection, channel, amqp_cstring_bytes(words[3]));
        expect(connection, "cannot empty the queue");
        closed(connection);
    } else {
        fail("expects fill, publish, read, scan, latency, follow, watch or purge; see the head of its source");
    }
    return 0;
}

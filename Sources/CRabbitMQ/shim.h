#ifndef CRABBITMQ_SHIM_H
#define CRABBITMQ_SHIM_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <dlfcn.h>
#include <stdint.h>
#include <sys/eventfd.h>

/* The flags are an anonymous enumeration, which Swift imports awkwardly. */
static inline int crabbitmq_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void crabbitmq_eventfd_signal(int descriptor) { (void)eventfd_write(descriptor, 1); }
static inline void crabbitmq_eventfd_clear(int descriptor) {
    eventfd_t ignored;
    (void)eventfd_read(descriptor, &ignored);
}

/* The login functions take a variable argument list, which Swift cannot call. */
static inline amqp_rpc_reply_t crabbitmq_login_plain(amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max,
                                                     int heartbeat, const amqp_table_t *properties, const char *user,
                                                     const char *password) {
    return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

/* The broker takes the identity from the certificate; an empty string here would be reported as "out of memory". */
static inline amqp_rpc_reply_t crabbitmq_login_external(amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max,
                                                        int heartbeat, const amqp_table_t *properties) {
    return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_EXTERNAL, "certificate");
}

/* librabbitmq keeps the reason of a refused certificate to itself. These few functions of OpenSSL, which it has loaded already, let us
   have it; they are looked up by name so that OpenSSL's headers and library need not be named when building. */
static inline int crabbitmq_note_verification(int accepted, void *store) {
    if (!accepted) {
        int (*error_of)(void *) = (int (*)(void *))dlsym(RTLD_DEFAULT, "X509_STORE_CTX_get_error");
        int (*index)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "SSL_get_ex_data_X509_STORE_CTX_idx");
        void *(*data_of)(void *, int) = (void *(*)(void *, int))dlsym(RTLD_DEFAULT, "X509_STORE_CTX_get_ex_data");
        void *(*context_of)(void *) = (void *(*)(void *))dlsym(RTLD_DEFAULT, "SSL_get_SSL_CTX");
        int (*set_data)(void *, int, void *) = (int (*)(void *, int, void *))dlsym(RTLD_DEFAULT, "SSL_CTX_set_ex_data");
        if (error_of && index && data_of && context_of && set_data) {
            void *ssl = data_of(store, index());
            if (ssl) set_data(context_of(ssl), 0, (void *)(intptr_t)error_of(store));
        }
    }
    return accepted;
}

/* Makes OpenSSL itself break off the handshake at a bad certificate, and remember why. librabbitmq checks again afterwards. */
static inline void crabbitmq_require_verification(amqp_socket_t *socket) {
    void (*set_verify)(void *, int, int (*)(int, void *)) = (void (*)(void *, int, int (*)(int, void *)))dlsym(RTLD_DEFAULT, "SSL_CTX_set_verify");
    if (set_verify) set_verify(amqp_ssl_socket_get_context(socket), 1 /* SSL_VERIFY_PEER */, crabbitmq_note_verification);
}

/* Why the peer's certificate was refused, or NULL if it was not. */
static inline const char *crabbitmq_verification_failure(amqp_socket_t *socket) {
    void *(*get_data)(void *, int) = (void *(*)(void *, int))dlsym(RTLD_DEFAULT, "SSL_CTX_get_ex_data");
    const char *(*text)(long) = (const char *(*)(long))dlsym(RTLD_DEFAULT, "X509_verify_cert_error_string");
    if (!get_data || !text) return 0;
    long code = (long)(intptr_t)get_data(amqp_ssl_socket_get_context(socket), 0);
    return code ? text(code) : 0;
}

#endif

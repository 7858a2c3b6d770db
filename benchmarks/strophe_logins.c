/* Logs many accounts in and out with libstrophe, a number of them at once, from one event loop.
 *
 *   strophe_logins HOST PORT DOMAIN PREFIX LOGINS AT_ONCE PASSWORD
 *
 * Accounts are PREFIX0 to PREFIX(LOGINS-1). Prints the seconds that all of it took. TLS is off.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>
#include <sys/socket.h>
#include <time.h>

static int done, failed, started, logins, at_once;
static const char *host, *domain, *prefix, *password;
static unsigned short port;
static xmpp_ctx_t *context;

static void begin(void);

static void on_event(xmpp_conn_t *connection, xmpp_conn_event_t event, int error,
                     xmpp_stream_error_t *stream_error, void *data)
{
    int *was_connected = data;
    (void)error;
    (void)stream_error;
    if (event == XMPP_CONN_CONNECT) {
        *was_connected = 1;
        xmpp_disconnect(connection);
        return;
    }
    if (!*was_connected)
        failed++;
    free(was_connected);
    done++;
    begin();
    if (done >= logins)
        xmpp_stop(context);
}

/* As the harness does: nothing is held back until the server has acknowledged what went before. */
static int without_delay(xmpp_conn_t *connection, void *descriptor)
{
    int one = 1;
    (void)connection;
    return setsockopt(*(int *)descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void begin(void)
{
    char jid[256];
    xmpp_conn_t *connection;
    if (started >= logins)
        return;
    connection = xmpp_conn_new(context);
    snprintf(jid, sizeof jid, "%s%d@%s/bench", prefix, started++, domain);
    xmpp_conn_set_flags(connection, XMPP_CONN_FLAG_DISABLE_TLS | XMPP_CONN_FLAG_DISABLE_SM);
    xmpp_conn_set_sockopt_callback(connection, without_delay);
    xmpp_conn_set_jid(connection, jid);
    xmpp_conn_set_pass(connection, password);
    xmpp_connect_client(connection, host, port, on_event, calloc(1, sizeof(int)));
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    double start;
    if (argc != 8)
        return 2;
    host = argv[1];
    port = (unsigned short)atoi(argv[2]);
    domain = argv[3];
    prefix = argv[4];
    logins = atoi(argv[5]);
    at_once = atoi(argv[6]);
    password = argv[7];
    xmpp_initialize();
    context = xmpp_ctx_new(NULL, NULL);
    xmpp_ctx_set_timeout(context, 1);
    start = now();
    for (int number = 0; number < at_once; number++)
        begin();
    xmpp_run(context);
    printf("%.6f %d\n", now() - start, failed);
    return failed > 0;
}

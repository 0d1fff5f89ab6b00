//! The connection to the server that keeps the shared log.
//!
//! Invariant: every wait has a deadline and ends on Ctrl-C; a COMMIT is never cancelled, since the
//! server would then report success; what became of one that was not answered is asked, never guessed.
//! This module deliberately does not know what an entry means.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use futures_util::future::join;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::LogAddress;
use super::failures::{LinkError, failure};
use crate::domain::refusal::{Code, Fault};

/// How long connecting to one server, and preparing the session, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server lets this session hold the gate without a request, in ms.
const IDLE_IN_GATE: u64 = 5_000;
/// After how long without a request the server is told that this host still works behind the gate.
pub const HOLD: Duration = Duration::from_secs(1);
/// The longest wait for the gate: PostgreSQL counts milliseconds in 31 bits.
const LONGEST_PATIENCE: Duration = Duration::from_millis(i32::MAX as u64);
/// How often a wait looks whether it was stopped.
const TICK: Duration = Duration::from_millis(50);

/// What the statements of a session are.
const NEWER: &str = "SELECT * FROM switchboard.newer($1, $2)";
const ENTER: &str = "SELECT * FROM switchboard.enter($1, $2)";
const APPEND: &str = "SELECT switchboard.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// What the server said besides its answers.
#[derive(Default)]
pub struct Notes {
    /// Whether it warned, as it does when a COMMIT stops to wait for the standbys.
    pub(super) warned: AtomicBool,
    /// How many entries of other hosts it told of.
    pub(super) notified: AtomicI64,
}

/// A session with the server.
pub struct ServerSession {
    pub(super) client: Arc<Client>,
    pub(super) newer: Statement,
    pub(super) enter: Statement,
    pub(super) append: Statement,
}

/// The connection, made when it is needed.
pub struct ServerLink {
    pub(super) runtime: Runtime,
    pub(super) address: LogAddress,
    pub(super) session: Option<ServerSession>,
    pub(super) notes: Arc<Notes>,
    pub(super) stopped: Arc<AtomicBool>,
    /// How long to wait for the gate.
    pub(super) patience: Duration,
    pub(super) listens: bool,
    /// Whether the session holds the gate.
    pub(super) entered: bool,
    /// Whether a statement is being decided behind the gate.
    deciding: Arc<AtomicBool>,
    /// The latest timeline that was seen.
    pub(super) timeline: i64,
}

impl ServerLink {
    /// Prepares the connection; `stopped` ends every wait.
    ///
    /// # Errors
    /// `internal` if the system provides no sockets.
    pub fn new(
        address: LogAddress,
        patience: Duration,
        stopped: Arc<AtomicBool>,
    ) -> Result<ServerLink, Fault> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_io().enable_time().build();
        let runtime =
            runtime.map_err(|error| Fault::new(Code::Internal, format!("cannot start: {error}")))?;
        let notes = Arc::default();
        Ok(ServerLink {
            runtime,
            address,
            session: None,
            notes,
            stopped,
            patience: patience.min(LONGEST_PATIENCE),
            listens: false,
            entered: false,
            deciding: Arc::default(),
            timeline: 0,
        })
    }

    /// Says whether a statement is being decided. Meanwhile the server is told now and then that this host
    /// still works; a program that stalls in between loses the gate.
    pub fn decide(&self, now: bool) {
        self.deciding.store(now, Ordering::Relaxed);
    }

    /// Refuses servers on a timeline before this one: such a server is an old primary that has come
    /// back.
    pub fn not_before(&mut self, timeline: i64) {
        self.timeline = self.timeline.max(timeline);
    }

    /// Waits for an answer until the deadline.
    pub(super) fn wait<T>(
        &self,
        patience: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, LinkError> {
        let until = Instant::now() + patience;
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            loop {
                match timeout(TICK, answer.as_mut()).await {
                    Ok(answer) => return answer.map_err(failure),
                    Err(_) if self.stopped.load(Ordering::Relaxed) => return Err(LinkError::Interrupted),
                    Err(_) if Instant::now() > until => {
                        return Err(LinkError::Unreachable(format!(
                            "no answer within {} s",
                            patience.as_secs()
                        )));
                    }
                    Err(_) => {}
                }
            }
        })
    }

    /// Connects to the first server that can be written, unless it is connected.
    pub(super) fn connect(&mut self) -> Result<(), LinkError> {
        if self.session.as_ref().is_some_and(|session| !session.client.is_closed()) {
            return Ok(());
        }
        self.entered = false;
        let mut last = LinkError::Unreachable("no server".to_owned());
        for server in self.address.servers.clone() {
            match self.session_with(&server) {
                Ok(session) => {
                    self.runtime.spawn(hold(Arc::downgrade(&session.client), self.deciding.clone()));
                    self.session = Some(session);
                    // What the last session was not told of may have happened meanwhile.
                    self.notes.notified.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Err(LinkError::Unreachable(words)) if matches!(last, LinkError::Unreachable(_)) => {
                    last = LinkError::Unreachable(format!("{}: {words}", named(&server)));
                }
                Err(error) if !matches!(error, LinkError::Unreachable(_)) => last = error,
                Err(_) => {}
            }
            if matches!(last, LinkError::Interrupted) {
                break;
            }
        }
        Err(last)
    }

    fn session_with(&self, server: &Config) -> Result<ServerSession, LinkError> {
        let client = self.client(server)?;
        let patience = self.patience.as_millis().max(1);
        let listen = if self.listens { "LISTEN switchboard;" } else { "" };
        // COMMIT has to wait for the disk at least; no timeout of the server may cancel it.
        let begin = format!(
            "SET statement_timeout = 0; SET lock_timeout = {patience}; SET idle_in_transaction_session_timeout = {IDLE_IN_GATE};
            SET default_transaction_isolation = 'read committed'; {listen}
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        );
        self.wait(CONNECT_TIMEOUT, client.batch_execute(&begin))?;
        let (prepared, timeline) = self.wait(CONNECT_TIMEOUT, async {
            let timeline = client.query_one("SELECT switchboard.timeline()", &[]);
            let (prepared, timeline) = join(prepared(&client), timeline).await;
            Ok((prepared?, timeline?.try_get::<_, i64>(0)?))
        })?;
        if timeline < self.timeline {
            return Err(LinkError::Unreachable(format!(
                "the server is an old primary, on timeline {timeline}, and {} was seen; it must not be used",
                self.timeline
            )));
        }
        Ok(ServerSession::new(client, prepared))
    }

    /// Connects to the first server that can be written, without preparing anything.
    pub(super) fn plain(&self) -> Result<Client, LinkError> {
        let mut last = LinkError::Unreachable("no server".to_owned());
        for server in &self.address.servers {
            match self.client(server) {
                Ok(client) => return Ok(client),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Connects to a server, with TLS unless the address says otherwise.
    fn client(&self, server: &Config) -> Result<Client, LinkError> {
        match &self.address.tls {
            None => self.client_over(server, NoTls),
            Some(tls) => self.client_over(server, MakeRustlsConnect::new(tls.as_ref().clone())),
        }
    }

    fn client_over<T>(&self, server: &Config, tls: T) -> Result<Client, LinkError>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let (client, connection) = self.wait(CONNECT_TIMEOUT, server.connect(tls))?;
        self.runtime.spawn(drive(connection, self.notes.clone()));
        Ok(client)
    }

    /// Ends the session. The server rolls back what was not committed.
    pub fn disconnect(&mut self) {
        self.session = None;
    }

    /// Asks a question, and ends the session if it has no answer.
    pub(super) fn ask<T>(
        &mut self,
        patience: Duration,
        question: impl AsyncFnOnce(&ServerSession) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, LinkError> {
        self.connect()?;
        self.ask_within(patience, question)
    }

    /// The same in the session that there is, since another one does not hold the gate.
    pub(super) fn ask_within<T>(
        &mut self,
        patience: Duration,
        question: impl AsyncFnOnce(&ServerSession) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, LinkError> {
        let Some(session) = self.session.as_ref().filter(|session| !session.client.is_closed()) else {
            self.session = None;
            return Err(LinkError::Unreachable("the session has ended".to_owned()));
        };
        let answer = self.wait(patience, question(session));
        if matches!(answer, Err(LinkError::Unreachable(_) | LinkError::Interrupted)) {
            self.session = None;
        }
        answer
    }

    /// Runs a question that changes nothing, once more on a new session if the old one has ended.
    pub(super) fn ask_again<T>(
        &mut self,
        patience: Duration,
        question: impl AsyncFn(&ServerSession) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, LinkError> {
        let connected = self.session.is_some();
        match self.ask(patience, async |session| question(session).await) {
            Err(LinkError::Unreachable(_)) if connected => {
                self.ask(patience, async |session| question(session).await)
            }
            answer => answer,
        }
    }

    /// Lets the server tell of entries from now on.
    pub fn listen(&mut self) {
        if !self.listens {
            self.listens = true;
            self.session = None;
        }
    }
}

impl ServerSession {
    /// Makes a session of a connection and what was prepared on it.
    pub fn new(client: Client, [newer, enter, append]: [Statement; 3]) -> ServerSession {
        ServerSession { client: Arc::new(client), newer, enter, append }
    }
}

/// Prepares the statements of a session, in the order in which [`ServerSession::new`] takes them.
pub async fn prepared(client: &Client) -> Result<[Statement; 3], tokio_postgres::Error> {
    let rest = join(client.prepare(ENTER), client.prepare(APPEND));
    let (newer, (enter, append)) = join(client.prepare(NEWER), rest).await;
    Ok([newer?, enter?, append?])
}

/// Tells the server of a session, while a statement is being decided, that this host still works.
async fn hold(client: Weak<Client>, deciding: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(HOLD).await;
        let Some(client) = client.upgrade().filter(|client| !client.is_closed()) else { return };
        if deciding.load(Ordering::Relaxed) && client.batch_execute("SELECT 1").await.is_err() {
            return;
        }
    }
}

/// Returns the name of a server, for messages.
fn named(server: &Config) -> String {
    let port = server.get_ports().first().copied().unwrap_or_default();
    match server.get_hosts().first() {
        Some(Host::Tcp(name)) => format!("{name}:{port}"),
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => String::new(),
    }
}

/// Moves bytes between the socket and the client, and notes what the server says besides.
async fn drive<S, T>(mut connection: Connection<S, T>, notes: Arc<Notes>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
        match message {
            AsyncMessage::Notice(notice) if notice.parsed_severity() == Some(Severity::Warning) => {
                notes.warned.store(true, Ordering::Relaxed);
            }
            AsyncMessage::Notification(_) => {
                notes.notified.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

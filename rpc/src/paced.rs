//! A socket that does not read while its client does not. Invariant: as long as a write waits, no
//! further request is read, so that answers nobody takes cannot pile up; and a write that waits
//! too long ends the connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A socket with paced reading and a limit on how long a write may wait.
pub(crate) struct Paced<S> {
    socket: S,
    write_time: Duration,
    writing: Writing,
    /// Who wants to read once no write waits.
    reader: Option<Waker>,
}

/// How the last write went.
enum Writing {
    Done,
    /// It waits; the timer says how long it still may.
    Waits(Pin<Box<Sleep>>),
    /// It waited too long.
    GivenUp,
}

impl<S> Paced<S> {
    pub(crate) fn new(socket: S, write_time: Duration) -> Paced<S> {
        Paced { socket, write_time, writing: Writing::Done, reader: None }
    }

    /// Notes how a write went, and gives up one that waits too long.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.enter(Writing::Done);
            return written;
        }
        if let Writing::Done = self.writing {
            self.writing = Writing::Waits(Box::pin(sleep(self.write_time)));
        }
        let is_over = match &mut self.writing {
            Writing::Waits(timer) => timer.as_mut().poll(context).is_ready(),
            Writing::Done | Writing::GivenUp => true,
        };
        if !is_over {
            return Poll::Pending;
        }
        self.enter(Writing::GivenUp);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Either way reading goes on: with requests, or with the error.
    fn enter(&mut self, writing: Writing) {
        self.writing = writing;
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.writing {
            Writing::Done => Pin::new(&mut self.socket).poll_read(context, buffer),
            Writing::GivenUp => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Writing::Waits(_) => {
                self.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.socket).poll_shutdown(context);
        self.watch(context, closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};

    #[tokio::test]
    async fn nothing_is_read_while_a_write_waits() {
        let (near, mut far) = duplex(4);
        let (mut reader, mut writer) = split(Paced::new(near, Duration::from_secs(60)));
        far.write_all(b"more").await.unwrap();
        let mut writing = started(writer.write_all(b"12345678"));
        assert!(writing.pending().await, "the pipe takes four bytes");
        let mut byte = [0];
        let mut reading = started(reader.read_exact(&mut byte));
        assert!(reading.pending().await, "a byte is there, but a write waits");
        far.read_exact(&mut [0; 4]).await.unwrap();
        writing.future.await.unwrap();
        reading.future.await.unwrap();
        assert_eq!(byte, *b"m");
    }

    #[tokio::test]
    async fn a_write_that_nobody_takes_ends_the_connection() {
        let (near, _far) = duplex(4);
        let (mut reader, mut writer) = split(Paced::new(near, Duration::from_millis(20)));
        let reading = async { reader.read_u8().await.unwrap_err().kind() };
        let writing = async { writer.write_all(b"12345678").await.unwrap_err().kind() };
        let errors = futures::join!(writing, reading);
        assert_eq!(errors, (io::ErrorKind::TimedOut, io::ErrorKind::TimedOut));
    }

    /// A future that can be polled once before it is awaited.
    struct Started<F> {
        future: Pin<Box<F>>,
    }

    fn started<F: Future>(future: F) -> Started<F> {
        Started { future: Box::pin(future) }
    }

    impl<F: Future> Started<F> {
        async fn pending(&mut self) -> bool {
            futures::poll!(self.future.as_mut()).is_pending()
        }
    }
}

//! Frames: a length (u32, big-endian) and that many bytes.
//!
//! The length is checked against the channel's limit before memory is taken for it, and memory
//! grows with what has really arrived: an empty promise costs the receiver nothing.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::outbox::OutQueue;
use crate::metrics::{Direction, Metrics};

/// Frames that wait are written together up to about this many bytes.
const BATCH_BYTES: usize = 64 * 1024;
/// Taken at once for a frame that has not arrived yet, at most, in bytes.
const INITIAL_BYTES: usize = 64 * 1024;

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// The peer promises more than the channel allows: its fault, not the network's.
    #[error("a frame of {length} bytes, {max} are allowed")]
    TooLong { length: u32, max: usize },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads one frame of at most `max` bytes.
pub(super) async fn read_frame(
    stream: &mut (impl AsyncRead + Unpin),
    max: usize,
) -> Result<Vec<u8>, FrameError> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let length = u32::from_be_bytes(header);
    let wanted = usize::try_from(length)
        .ok()
        .filter(|wanted| *wanted <= max)
        .ok_or(FrameError::TooLong { length, max })?;
    let mut bytes = Vec::with_capacity(wanted.min(INITIAL_BYTES));
    stream.take(u64::from(length)).read_to_end(&mut bytes).await?;
    if bytes.len() < wanted {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(bytes)
}

/// Writes what comes into `queue`, until the stream fails or the queue's other end is gone.
pub(super) async fn write_frames(
    stream: &mut (impl AsyncWrite + Unpin),
    queue: &mut OutQueue,
    metrics: &Metrics,
) -> io::Result<()> {
    let mut batch = Vec::new();
    while let Some(first) = queue.next().await {
        let mut next = Some(first);
        while let Some(outgoing) = next {
            append_frame(&mut batch, &outgoing.bytes);
            metrics.count(queue.channel, Direction::Out, outgoing.bytes.len());
            next = (batch.len() < BATCH_BYTES).then(|| queue.next_waiting()).flatten();
        }
        stream.write_all(&batch).await?;
        stream.flush().await?;
        batch.clear();
        batch.shrink_to(BATCH_BYTES);
    }
    Ok(())
}

fn append_frame(batch: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("no channel allows messages above 4 GiB");
    batch.extend_from_slice(&length.to_be_bytes());
    batch.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use futures::io::Cursor;

    use super::*;

    #[tokio::test]
    async fn frames_come_out_as_they_went_in() {
        let mut bytes = Vec::new();
        append_frame(&mut bytes, b"one");
        append_frame(&mut bytes, b"");
        append_frame(&mut bytes, &[7; 100_000]);
        let mut stream = Cursor::new(bytes);
        assert_eq!(read_frame(&mut stream, 3).await.unwrap(), b"one");
        assert_eq!(read_frame(&mut stream, 0).await.unwrap(), b"");
        assert_eq!(read_frame(&mut stream, 100_000).await.unwrap(), [7; 100_000]);
        assert!(matches!(read_frame(&mut stream, 9).await, Err(FrameError::Io(_))));
    }

    /// A stream that fails the test if anything is read past the four bytes of the length.
    struct HeaderOnly(Cursor<Vec<u8>>);

    impl AsyncRead for HeaderOnly {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buffer: &mut [u8],
        ) -> std::task::Poll<io::Result<usize>> {
            assert!(self.0.position() < 4, "the frame's body is not touched");
            std::pin::Pin::new(&mut self.0).poll_read(cx, buffer)
        }
    }

    #[tokio::test]
    async fn a_frame_above_the_limit_is_refused_by_its_length_alone() {
        for length in [11_u32, u32::MAX] {
            let mut stream = HeaderOnly(Cursor::new(length.to_be_bytes().to_vec()));
            let error = read_frame(&mut stream, 10).await.unwrap_err();
            assert!(matches!(error, FrameError::TooLong { max: 10, .. }), "{error}");
        }
    }

    #[tokio::test]
    async fn a_truncated_frame_is_an_error() {
        let mut bytes = Vec::new();
        append_frame(&mut bytes, b"payload");
        bytes.pop();
        let error = read_frame(&mut Cursor::new(bytes), 100).await.unwrap_err();
        assert!(matches!(error, FrameError::Io(_)), "{error}");
    }
}

//! Exported commands, run by a shell against a server that records what arrives.
#![cfg(unix)]

use hookglass::core::export::curl;
use hookglass::core::request::{Head, Header};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

/// Whether a program is there; says so on stderr if not.
fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("skipped: `{program}` is not installed");
    }
    is_there
}

/// Runs the command for a request in `shell`, as a script on its standard input, and gives the bytes that arrived.
fn sent(shell: &str, path: &str, method: &str, headers: &[Header<'_>], body: &[u8]) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let command = curl(&format!("http://{}{path}", listener.local_addr().unwrap()), method.as_bytes(), headers, body);
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 65536];
        loop {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "the request ended early");
            bytes.extend_from_slice(&buffer[..count]);
            let Ok(head) = Head::parse(&bytes) else { continue };
            let length = head.headers().into_iter().find(|header| header.is("content-length"));
            let length = length.map_or(0, |header| std::str::from_utf8(header.value).unwrap().parse().unwrap());
            if bytes.len() >= head.bytes().len() + length {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
                return bytes;
            }
        }
    });
    let mut script = Command::new(shell)
        .env("NO_PROXY", "*")
        .env("HOME", "/nonexistent")
        .env_remove("CURL_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    script.stdin.take().unwrap().write_all(command.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{command:.2000}", String::from_utf8_lossy(&output.stderr));
    server.join().unwrap()
}

/// What should arrive: what curl decides first (`Host`) and where it puts `Content-Length`, then the headers as given.
fn check(shell: &str, path: &str, method: &str, headers: &[Header<'_>], body: &[u8]) {
    let arrived = sent(shell, path, method, headers, body);
    let head = Head::parse(&arrived).unwrap();
    assert_eq!((head.method(), head.target()), (method.as_bytes(), path.as_bytes()));
    let own = |header: &&Header<'_>| header.is("host") || header.is("content-length");
    let received = head.headers();
    let received: Vec<_> = received.iter().filter(|header| !own(header)).collect();
    assert_eq!(received, headers.iter().collect::<Vec<_>>(), "{shell} {method} {path}");
    let arrived_body = &arrived[head.bytes().len()..];
    assert!(arrived_body == body, "{shell}: {} arrived of {}", arrived_body.len(), body.len());
}

#[test]
fn a_command_sends_the_same_bytes_and_runs_nothing_else() {
    if !has("curl") {
        return;
    }
    let every_byte: Vec<u8> = (0..=255).collect();
    let high_bytes: Vec<u8> = (0x80..=0xff).chain([b'\t', b'x']).collect();
    let long = "0123456789abcdef'\"$(touch /tmp/x)`\n".repeat(30_000);
    let bodies: [&[u8]; 14] = [
        br#"{"a": 'it''s', "b": "\" \\ \n %s %d"}"#,
        b"@/etc/passwd",
        b"@-",
        b"'; exit 3; '",
        b"$(exit 3) `exit 3` ${HOME} !! \\",
        b"\n\nline\r\nline\n\n",
        b"-d @/etc/passwd",
        b"\xef\xbb\xbf{\"bom\": 1}",
        "h\u{e9}llo \u{1f600} \u{202e}".as_bytes(),
        b"",
        b"END\n",
        &every_byte,
        &every_byte.repeat(40),
        long.as_bytes(),
    ];
    for shell in ["bash", "dash", "zsh"].into_iter().filter(|shell| has(shell)) {
        for body in bodies {
            check(shell, "/a", "POST", &[Header::new("Content-Type", "application/json")], body);
        }
        let headers = [
            Header::new("Webhook-Id", "msg_1"),
            Header::new("webhook-signature", "v1,a+b/c= v1,d"),
            Header::new("x-a", "1"),
            Header::new("X-B", "it's \"$(exit 3)\" `exit 3` \\ %s !"),
            Header::new("X-a", "2"),
            Header::new("x-empty", ""),
            Header::new("x-at", "@/etc/passwd"),
            Header::new("x-high", &high_bytes),
            Header::new("'`$|", "a name may be this"),
            Header::new("User-Agent", "a"),
            Header::new("Accept", "*/*"),
            Header::new("Cookie", "a=b"),
        ];
        check(shell, "/a/../b//[1-3]{x,y}?q='$(exit%203)'&r=@x", "POST", &headers, b"{}");
        for method in ["GET", "DELETE", "PUT", "OPTIONS", "HEAD", "PA'TCH"] {
            check(shell, "/", method, &headers[..3], b"");
        }
        check(shell, "/", "GET", &[], b"a body without any header");
    }
}

#[test]
fn a_body_of_a_megabyte_arrives() {
    if has("curl") {
        let body: Vec<u8> = (0_u32..1 << 20).map(|index| index.to_le_bytes()[index as usize % 3]).collect();
        check("sh", "/", "POST", &[Header::new("a", "1")], &body);
        let text = "text \u{e9} '".repeat(1 << 17);
        check("sh", "/", "POST", &[Header::new("a", "1")], text.as_bytes());
    }
}

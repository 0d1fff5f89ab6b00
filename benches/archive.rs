//! What the archive saves and what it costs: a file of chats before and after all of it is
//! archived.
//!
//! Printed: the size of the bodies and of the whole file (as VACUUM INTO writes it) before and
//! after; the time to archive a conversation, and the longest sweep, which is how long another
//! writer may have to wait; the time of a transcript and of a query over every message, before and
//! after. The chats consist of sentences in three languages; none repeats within a conversation.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use switchboard::testing::BatchEnd;
use switchboard::{Context, Creation, Moment, OpenOptions, Parameters, Switchboard};

/// The conversations in the file.
const CONVERSATIONS: i64 = 20_000;
/// The messages in each conversation.
const MESSAGES: usize = 10;
/// The conversations per transaction while the file is made.
const BATCH: i64 = 500;
/// The transcripts that are timed.
const TRANSCRIPTS: i64 = 500;
const DAY: i64 = 86_400_000;

/// The sentences of customers and agents, by language.
const SENTENCES: [[&[&str]; 2]; 3] = [
    [
        &[
            "Hi, I ordered a {thing} on {day} and it still hasn't arrived. The tracking page has said \"in transit\" since then.",
            "My order number is {num}, I paid by {pay}.",
            "Could you check whether it was sent to my old address on {street}?",
            "Thanks, but that is the third time somebody tells me to wait, and honestly I am getting a bit tired of it.",
            "ok",
            "No, the box was opened and the {thing} inside has a scratch right across the display.",
            "I have already tried turning it off and on again, and I reinstalled the app twice.",
            "Can I get the money back instead of a voucher? I'd rather buy the {thing} in a shop near me.",
            "Sure, one moment, I need to find the invoice.",
            "It says error {num} when I try to log in with my e-mail address.",
            "Perfect, that works now. Thank you so much for your patience 🙂",
            "How long does the refund usually take to show up on my {pay}?",
            "I'd like to change the delivery date to {day} because nobody is home before six.",
            "Do you also ship to Ireland, and if so what would customs cost for a {thing}?",
            "My neighbour didn't get the parcel either, we asked everybody on the second floor.",
            "And please cancel the newsletter, I never signed up for that.",
        ],
        &[
            "Good morning, my name is {name}, thank you for contacting us. Let me have a look at your order.",
            "I'm sorry to hear that. I can see that the parcel left our warehouse on {day} and was scanned in {city}.",
            "Could you please confirm the postcode so that I can be sure I have the right account?",
            "I have opened an investigation with the carrier; the reference is {num}. They usually answer within two working days.",
            "We can either send you a new {thing} free of charge or refund the full amount to your {pay}. Which would you prefer?",
            "One moment please, I am transferring you to my colleague {name} from the billing team.",
            "The refund of {money} has been issued and should be visible in three to five days.",
            "Is there anything else I can do for you today?",
            "You're welcome! Have a lovely day.",
            "Please try to delete the cookies of our site, then open the link from the mail again; the old one expires after 30 minutes.",
            "I've extended your return period until {day}, so there is no need to hurry.",
            "Unfortunately the {thing} in that colour is out of stock until next month, but I can put you on the list.",
        ],
    ],
    [
        &[
            "Hallo, ich habe am {day} einen {thing} bestellt und bis heute keine Versandbestätigung bekommen.",
            "Meine Kundennummer lautet {num}, bezahlt habe ich per {pay}.",
            "Das hat mir Ihr Kollege letzte Woche auch schon gesagt, passiert ist leider nichts.",
            "Nein, das Gerät lässt sich überhaupt nicht mehr einschalten, auch nicht mit einem anderen Netzteil.",
            "Könnten Sie bitte die Lieferadresse auf {street} ändern?",
            "ja genau",
            "Ich möchte vom Kauf zurücktreten, die vierzehn Tage sind ja noch nicht um.",
            "Vielen Dank für die schnelle Hilfe!",
            "Wie lange dauert es denn, bis das Geld wieder auf meinem Konto ist?",
            "Beim Anmelden kommt immer die Meldung „Fehler {num}“, obwohl das Passwort stimmt.",
            "Die Rechnung über {money} stimmt nicht, ich hatte doch den Gutschein eingegeben.",
            "Dann nehme ich lieber den Umtausch, wenn das ohne Versandkosten geht.",
        ],
        &[
            "Guten Tag, mein Name ist {name}, vielen Dank für Ihre Nachricht. Ich schaue mir das gleich für Sie an.",
            "Das tut mir leid. Ich sehe, dass die Sendung seit {day} im Verteilzentrum {city} liegt.",
            "Würden Sie mir bitte noch Ihre Postleitzahl nennen, damit ich das richtige Konto aufrufe?",
            "Ich habe einen Nachforschungsauftrag gestellt, die Vorgangsnummer ist {num}.",
            "Den Betrag von {money} habe ich soeben erstattet, die Gutschrift dauert je nach Bank drei bis fünf Werktage.",
            "Einen Augenblick bitte, ich verbinde Sie mit der Buchhaltung.",
            "Kann ich sonst noch etwas für Sie tun?",
            "Sehr gerne, ich wünsche Ihnen einen schönen Tag.",
            "Bitte drucken Sie das Rücksendeetikett aus, das ich Ihnen gerade geschickt habe, und geben Sie das Paket in einer Filiale ab.",
            "Leider ist der {thing} in dieser Farbe erst im nächsten Monat wieder lieferbar.",
        ],
    ],
    [
        &[
            "Buenos días, pedí un {thing} el {day} y todavía no me ha llegado nada.",
            "Mi número de pedido es {num} y pagué con {pay}.",
            "Pues la semana pasada me dijeron lo mismo y sigo esperando.",
            "¿Podrían cambiar la dirección de entrega a {street}?",
            "vale",
            "No, el paquete llegó abierto y el {thing} está rayado por delante.",
            "Prefiero que me devuelvan el dinero, si es posible.",
            "¿Cuánto tarda el reembolso en aparecer en la cuenta?",
            "Cuando intento entrar me sale el error {num} y no puedo cambiar la contraseña.",
            "Muchísimas gracias por la ayuda, muy amable 😊",
        ],
        &[
            "Buenos días, le atiende {name}. Gracias por escribirnos, ahora mismo reviso su pedido.",
            "Lamento mucho las molestias. Veo que el envío salió de nuestro almacén el {day} y está en {city}.",
            "¿Me puede confirmar el código postal, por favor?",
            "He abierto una reclamación con la empresa de transporte; la referencia es {num}.",
            "Le hemos devuelto {money}; lo verá en su cuenta en un plazo de tres a cinco días laborables.",
            "Un momento, por favor, le paso con mi compañera {name} de facturación.",
            "¿Hay algo más en lo que pueda ayudarle?",
            "Gracias a usted, que tenga un buen día.",
            "Puede devolver el {thing} en cualquier tienda presentando el código que le acabo de enviar por correo.",
        ],
    ],
];

/// The words that fill the blanks of the sentences.
const WORDS: [(&str, &[&str]); 6] = [
    (
        "{thing}",
        &["coffee machine", "e-bike battery", "phone", "rucksack", "desk lamp", "Staubsauger", "teclado"],
    ),
    ("{day}", &["Monday", "12 March", "3.4.", "15 de mayo", "yesterday", "last Friday"]),
    ("{pay}", &["credit card", "PayPal", "Lastschrift", "transferencia", "Visa"]),
    ("{street}", &["12 Harbour Road", "Lindenstraße 48", "Calle Mayor 7, 3º B"]),
    ("{name}", &["Alice", "Dana", "Jürgen", "María", "Tom Okafor"]),
    ("{city}", &["Leipzig", "Birmingham", "Zaragoza", "Linz"]),
];

fn main() {
    let folder =
        tempfile::Builder::new().prefix("bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("desk.db");
    let mut desk = Desk::new(&path);
    desk.fill();
    let text = number(&path, "SELECT sum(octet_length(body)) FROM text");
    let (before, looked) = (size(&path, &folder.path().join("before.db")), desk.look());
    let (packing, longest) = desk.sweep(&path);
    let packed = number(&path, "SELECT sum(octet_length(bodies)) FROM archive");
    let (after, looked_again) = (size(&path, &folder.path().join("after.db")), desk.look());
    println!("{CONVERSATIONS} conversations of {MESSAGES} messages");
    line("bodies, bytes a conversation", text as f64, packed as f64, CONVERSATIONS as f64);
    line("whole file, bytes a conversation", before as f64, after as f64, CONVERSATIONS as f64);
    line("a transcript, µs", looked.0, looked_again.0, 1.0);
    line("every message by SELECT, µs a message", looked.1, looked_again.1, 1.0);
    println!(
        "packing, µs a conversation                {:>8.1}",
        packing.as_secs_f64() * 1e6 / CONVERSATIONS as f64
    );
    println!("the longest sweep, ms                     {:>8.1}", longest.as_secs_f64() * 1e3);
    desk.hardest();
}

fn line(what: &str, before: f64, after: f64, by: f64) {
    println!("{what:<40}  {:>8.1} -> {:>8.1}  ({:.2})", before / by, after / by, before / after);
}

fn number(path: &Path, question: &str) -> i64 {
    let file = Connection::open(path).expect("the file");
    file.query_row(question, [], |row| row.get(0)).expect(question)
}

/// Returns the size of the file without its free pages, in bytes.
fn size(path: &Path, copy: &Path) -> u64 {
    let file = Connection::open(path).expect("the file");
    file.execute("VACUUM INTO ?1", [copy.to_str().expect("a path")]).expect("a copy");
    copy.metadata().expect("a copy").len()
}

/// Random numbers that follow from a seed alone (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn filled(&mut self, sentence: &str) -> String {
        let mut text = sentence.replace("{money}", &format!("€{}.90", 10 + self.below(200)));
        for (blank, words) in WORDS {
            text = text.replace(blank, words[self.below(words.len())]);
        }
        text.replace("{num}", &(10_000_000 + self.below(90_000_000)).to_string())
    }

    /// Returns the messages of one conversation.
    fn chat(&mut self) -> Vec<String> {
        let mut sides = SENTENCES[self.below(SENTENCES.len())].map(<[&str]>::to_vec);
        let say = |place: usize| {
            let side = &mut sides[place % 2];
            let sentence = side.swap_remove(self.below(side.len()));
            self.filled(sentence)
        };
        (0..MESSAGES).map(say).collect()
    }
}

struct Desk {
    desk: Switchboard,
    now: i64,
    opened: i64,
}

impl Desk {
    fn new(path: &Path) -> Desk {
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        let mut desk = Desk {
            desk: Switchboard::open(path, &options).expect("a file"),
            now: 1_772_442_000_000,
            opened: 0,
        };
        for statement in [
            "CREATE QUEUE front",
            "CREATE AGENT alice WITH (presence = available, capacity = 1000000) IN front",
            "CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front)",
        ] {
            desk.run(statement);
        }
        desk
    }

    fn run(&mut self, statement: &str) {
        self.now += 1;
        let context = Context::given(Moment(self.now), "maria");
        self.desk
            .run(statement, &Parameters::new(), &context)
            .unwrap_or_else(|failure| panic!("{statement}: {failure}"));
    }

    fn talk(&mut self, bodies: &[String]) {
        self.opened += 1;
        let id = self.opened;
        self.run(&format!("OPEN ON chats FOR 'customer {}' BY alice", id % 5000));
        for (place, body) in bodies.iter().enumerate() {
            let who = if place % 2 == 0 { "CUSTOMER" } else { "AGENT alice" };
            self.run(&format!("MESSAGE {id} FROM {who} '{}'", body.replace('\'', "''")));
        }
        self.run(&format!("END {id}"));
        self.run(&format!("CLOSE {id}"));
    }

    fn fill(&mut self) {
        let mut numbers = Numbers(1);
        for _ in 0..CONVERSATIONS / BATCH {
            self.desk.begin_batch().expect("a batch");
            (0..BATCH).for_each(|_| self.talk(&numbers.chat()));
            self.desk.end_batch(BatchEnd::Commit).expect("committed");
        }
    }

    /// Returns the time of a transcript, and the time per message of a query over all of them, in
    /// µs.
    fn look(&mut self) -> (f64, f64) {
        let start = Instant::now();
        for turn in 0..TRANSCRIPTS {
            self.run(&format!("SHOW TRANSCRIPT {}", turn * (CONVERSATIONS / TRANSCRIPTS) + 1));
        }
        let transcript = start.elapsed().as_secs_f64() * 1e6 / TRANSCRIPTS as f64;
        let start = Instant::now();
        self.run("SELECT count(*) FROM messages WHERE body LIKE '%refund%'");
        (transcript, start.elapsed().as_secs_f64() * 1e6 / (CONVERSATIONS as f64 * MESSAGES as f64))
    }

    /// Sweeps until everything is archived. Returns the total time, and that of the longest sweep.
    fn sweep(&mut self, path: &Path) -> (Duration, Duration) {
        self.now += 2 * DAY;
        let (mut all, mut longest) = (Duration::ZERO, Duration::ZERO);
        while number(path, "SELECT count(*) FROM conversation WHERE archived = 0") > 0 {
            let start = Instant::now();
            self.run("SWEEP TIMEOUTS");
            let took = start.elapsed();
            (all, longest) = (all + took, longest.max(took));
        }
        (all, longest)
    }

    /// Times the largest archives, once with few long bodies and once with many short ones.
    fn hardest(&mut self) {
        let mut numbers = Numbers(2);
        let mut words = |bytes: usize| {
            let mut text = String::new();
            while text.len() < bytes {
                text.push_str(&numbers.chat().join(" "));
            }
            (0..=bytes)
                .rev()
                .find(|end| text.is_char_boundary(*end))
                .map(|end| text[..end].to_owned())
                .expect("an end")
        };
        for (count, bytes) in [(16, 65_000), (2_000, 500)] {
            let bodies: Vec<String> = (0..count).map(|_| words(bytes)).collect();
            self.desk.begin_batch().expect("a batch");
            self.talk(&bodies);
            self.desk.end_batch(BatchEnd::Commit).expect("committed");
            self.now += 2 * DAY;
            let start = Instant::now();
            self.run("SWEEP TIMEOUTS");
            let swept = start.elapsed().as_secs_f64() * 1e3;
            let start = Instant::now();
            self.run(&format!("SHOW TRANSCRIPT {}", self.opened));
            let read = start.elapsed().as_secs_f64() * 1e3;
            println!(
                "{count} bodies of {bytes} bytes: packed in {swept:.1} ms, a transcript in {read:.1} ms"
            );
        }
    }
}

//! A parameter is never taken for a keyword, whatever its name.

use switchboard::{Context, Parameters};

use super::tables;
use crate::support::World;

/// The keywords of SQLite, from the list in its documentation.
const KEYWORDS: &str = "abort action add after all alter always analyze and as asc attach autoincrement before begin \
    between by cascade case cast check collate column commit conflict constraint create cross current current_date \
    current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each else \
    end escape except exclude exclusive exists explain fail filter first following for foreign from full generated \
    glob group groups having if ignore immediate in index indexed initially inner insert instead intersect into is \
    isnull join key last left like limit match materialized natural no not nothing notnull null nulls of offset on or \
    order others outer over partition plan pragma preceding primary query raise range recursive references regexp \
    reindex release rename replace restrict returning right rollback row rows savepoint select set table temp \
    temporary then ties to transaction trigger unbounded union unique update using vacuum values view virtual when \
    where window with within without";

/// Ways to name a table behind a parameter; `:K` stands for the parameter, `{}` for the table.
const ATTACKS: [&str; 10] = [
    "SELECT count(*), :K FROM {}",
    "SELECT :K, count(*) FROM {}",
    "SELECT 1 FROM conversations, {} WHERE :K = 1",
    "SELECT 1 FROM conversations AS a JOIN conversations AS b ON a.id = :K, {}",
    "SELECT 1 FROM conversations AS a JOIN conversations AS b ON a.id = :K JOIN {}",
    "SELECT count(*) FROM (SELECT :K), {}",
    "SELECT 1 FROM conversations WHERE id = :K AND EXISTS (SELECT 1 FROM {})",
    "SELECT 1 FROM conversations WHERE id IN (:K) AND id IN {}",
    "SELECT 1 FROM conversations JOIN (SELECT :K AS x) JOIN {} USING (id)",
    "WITH x AS (SELECT :K) SELECT count(*) FROM x, {}",
];

/// Queries that are allowed, with a parameter at every kind of place.
const HONEST: [&str; 8] = [
    "SELECT :K",
    "SELECT :K AS x, id FROM conversations WHERE id = :K ORDER BY id",
    "SELECT id FROM conversations WHERE id IN (:K, :K) AND state <> :K",
    "SELECT a.id FROM conversations AS a JOIN conversations AS b ON a.id = :K AND b.id = :K, queues",
    "SELECT id FROM conversations WHERE id BETWEEN :K AND :K LIMIT :K OFFSET :K",
    "SELECT count(*) FROM conversations GROUP BY :K, id HAVING :K",
    "WITH x (y) AS (SELECT :K) SELECT y FROM x WHERE y IS NOT DISTINCT FROM :K",
    "SELECT CASE :K WHEN :K THEN :K ELSE :K END FROM conversations",
];

#[test]
fn a_parameter_may_have_the_name_of_any_keyword() {
    let mut world = World::with_desk();
    let (tables, context) = (tables(), Context::given(world.now, "maria"));
    let (mut attacks, mut faults) = (0, Vec::new());
    for (index, keyword) in KEYWORDS.split_whitespace().enumerate() {
        let parameters = Parameters::from([(keyword, "1")]);
        for select in HONEST {
            let select = select.replace(":K", &format!(":{keyword}"));
            if let Err(failure) = world.desk.run(&select, &parameters, &context) {
                faults.push(format!("{select}: {failure}"));
            }
        }
        // A different table for each keyword, so that all of them have their turn.
        let table = &tables[index % tables.len()].0;
        for select in ATTACKS {
            attacks += 1;
            let select = select.replace(":K", &format!(":{keyword}")).replace("{}", table);
            match world.desk.run(&select, &parameters, &context) {
                Err(failure) if failure.error.code().name() == "sql" => {}
                Err(failure) => faults.push(format!("{select}: {failure}")),
                Ok(_) => faults.push(format!("{select}: answered")),
            }
        }
    }
    assert!(faults.is_empty(), "{} of {attacks}:\n{}", faults.len(), faults.join("\n"));
}

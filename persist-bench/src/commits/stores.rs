//! The stores, behind one trait.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use persist::{Dumper, Loader, Persist, Persistent};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use rusqlite::{Connection, params};

use crate::Result;
use crate::random::Random;
use crate::sets::SEED;

/// A row of a bank's.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
struct Account {
    name: String,
    balance: i64,
    visits: u64,
}

/// All accounts, as they are at first.
#[derive(Clone, Debug)]
pub(super) struct Accounts(BTreeMap<u64, Account>);

impl Accounts {
    pub(super) fn new(count: u64) -> Self {
        let random = &mut Random::new(SEED);
        let account = |id| {
            let name = format!("account {:x} of {id}", random.bits() >> 40);
            (id, Account { name, balance: random.within(0..10_000), visits: 0 })
        };
        Accounts((0..count).map(account).collect())
    }

    /// All of them as `save` writes them.
    pub(super) fn saved(&self) -> Result<Vec<u8>> {
        Ok(persist::dumps(&self.0)?)
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Keeps accounts, durably.
pub(super) trait Store: Send + Sync {
    fn name(&self) -> &'static str;

    /// Changes the balance of an account, and counts a visit.
    fn update(&self, account: u64, change: i64) -> Result<()>;

    /// All visits, to see that none was lost.
    fn visits(&self) -> Result<u64>;
}

/// The stores, ours first, with the same accounts.
pub(super) fn all(folder: &Path, accounts: &Accounts) -> Result<Vec<Box<dyn Store>>> {
    Ok(vec![
        Box::new(persist(folder, accounts)?),
        Box::new(sqlite_rows(folder, accounts)?),
        Box::new(SqliteValue::new(folder, accounts)?),
        Box::new(RedbRows::new(folder, accounts)?),
        Box::new(RedbValue::new(folder, accounts)?),
    ])
}

/// All in one value.
pub(super) struct Ours(Persistent<BTreeMap<u64, Account>>);

pub(super) fn persist(folder: &Path, accounts: &Accounts) -> Result<Ours> {
    Ok(Ours(Persistent::builder(folder.join("persist")).open_or_else(|| accounts.0.clone())?))
}

impl Store for Ours {
    fn name(&self) -> &'static str {
        "persist"
    }

    fn update(&self, account: u64, change: i64) -> Result<()> {
        Ok(self.0.update(|accounts| {
            let account = accounts.entry(account).or_default();
            account.balance += change;
            account.visits += 1;
        })?)
    }

    fn visits(&self) -> Result<u64> {
        Ok(self.0.read().values().map(|account| account.visits).sum())
    }
}

fn sqlite(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

struct SqliteRows(Mutex<Connection>);

fn sqlite_rows(folder: &Path, accounts: &Accounts) -> Result<SqliteRows> {
    let mut connection = sqlite(&folder.join("rows.sqlite"))?;
    connection
        .execute("create table accounts (id integer primary key, name text, balance integer, visits integer)", [])?;
    let transaction = connection.transaction()?;
    for (id, account) in &accounts.0 {
        transaction.prepare_cached("insert into accounts values (?1, ?2, ?3, 0)")?.execute(params![
            *id as i64,
            account.name,
            account.balance
        ])?;
    }
    transaction.commit()?;
    Ok(SqliteRows(Mutex::new(connection)))
}

impl Store for SqliteRows {
    fn name(&self) -> &'static str {
        "SQLite, a row each"
    }

    fn update(&self, account: u64, change: i64) -> Result<()> {
        let connection = self.0.lock().map_err(|_| "another thread failed")?;
        connection
            .prepare_cached("update accounts set balance = balance + ?2, visits = visits + 1 where id = ?1")?
            .execute(params![account as i64, change])?;
        Ok(())
    }

    fn visits(&self) -> Result<u64> {
        let connection = self.0.lock().map_err(|_| "another thread failed")?;
        Ok(connection.query_row("select sum(visits) from accounts", [], |row| row.get::<_, i64>(0))? as u64)
    }
}

/// The value, and where it goes.
struct SqliteValue(Mutex<(Connection, BTreeMap<u64, Account>, Dumper)>);

impl SqliteValue {
    fn new(folder: &Path, accounts: &Accounts) -> Result<Self> {
        let connection = sqlite(&folder.join("value.sqlite"))?;
        connection.execute("create table state (value blob)", [])?;
        connection.execute("insert into state values (?1)", [accounts.saved()?])?;
        Ok(SqliteValue(Mutex::new((connection, accounts.0.clone(), Dumper::new()))))
    }
}

impl Store for SqliteValue {
    fn name(&self) -> &'static str {
        "SQLite, the value"
    }

    fn update(&self, account: u64, change: i64) -> Result<()> {
        let (connection, accounts, dumper) = &mut *self.0.lock().map_err(|_| "another thread failed")?;
        let account = accounts.entry(account).or_default();
        account.balance += change;
        account.visits += 1;
        connection.prepare_cached("update state set value = ?1")?.execute([dumper.dumps(accounts)?])?;
        Ok(())
    }

    fn visits(&self) -> Result<u64> {
        let (connection, ..) = &*self.0.lock().map_err(|_| "another thread failed")?;
        let bytes: Vec<u8> = connection.query_row("select value from state", [], |row| row.get(0))?;
        visits(&bytes)
    }
}

fn visits(bytes: &[u8]) -> Result<u64> {
    let accounts: BTreeMap<u64, Account> = Loader::new().loads(bytes)?;
    Ok(accounts.values().map(|account| account.visits).sum())
}

const ROWS: TableDefinition<'_, u64, (&str, i64, u64)> = TableDefinition::new("accounts");
const VALUE: TableDefinition<'_, (), &[u8]> = TableDefinition::new("state");

struct RedbRows(Database);

impl RedbRows {
    fn new(folder: &Path, accounts: &Accounts) -> Result<Self> {
        let database = Database::create(folder.join("rows.redb"))?;
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(ROWS)?;
            for (id, account) in &accounts.0 {
                table.insert(id, (&*account.name, account.balance, 0))?;
            }
        }
        transaction.commit()?;
        Ok(RedbRows(database))
    }
}

impl Store for RedbRows {
    fn name(&self) -> &'static str {
        "redb, a row each"
    }

    fn update(&self, account: u64, change: i64) -> Result<()> {
        let transaction = self.0.begin_write()?;
        {
            let mut table = transaction.open_table(ROWS)?;
            let (name, balance, visits) = match table.get(account)? {
                Some(row) => {
                    let (name, balance, visits) = row.value();
                    (name.to_owned(), balance, visits)
                }
                None => Default::default(),
            };
            table.insert(account, (&*name, balance + change, visits + 1))?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn visits(&self) -> Result<u64> {
        let table = self.0.begin_read()?.open_table(ROWS)?;
        let mut visits = 0;
        for row in table.iter()? {
            visits += row?.1.value().2;
        }
        Ok(visits)
    }
}

struct RedbValue(Database, Mutex<(BTreeMap<u64, Account>, Dumper)>);

impl RedbValue {
    fn new(folder: &Path, accounts: &Accounts) -> Result<Self> {
        let store =
            RedbValue(Database::create(folder.join("value.redb"))?, Mutex::new((accounts.0.clone(), Dumper::new())));
        store.put(&accounts.saved()?)?;
        Ok(store)
    }

    fn put(&self, bytes: &[u8]) -> Result<()> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(VALUE)?.insert((), bytes)?;
        transaction.commit()?;
        Ok(())
    }
}

impl Store for RedbValue {
    fn name(&self) -> &'static str {
        "redb, the value"
    }

    fn update(&self, account: u64, change: i64) -> Result<()> {
        let (accounts, dumper) = &mut *self.1.lock().map_err(|_| "another thread failed")?;
        let account = accounts.entry(account).or_default();
        account.balance += change;
        account.visits += 1;
        self.put(&dumper.dumps(accounts)?)
    }

    fn visits(&self) -> Result<u64> {
        let table = self.0.begin_read()?.open_table(VALUE)?;
        let bytes = table.get(())?.ok_or("the value is gone")?;
        visits(bytes.value())
    }
}

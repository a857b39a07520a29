// What Grafana's ClickHouse datasource does, done with the driver that it uses: clickhouse-go v2 over HTTP.
//
// It is run by test/adapters/chdb/readers/clickhouse-go.test.ts against the front for readers, with the address in
// FENGHUO_READERS, a token in FENGHUO_TOKEN, one that may not read in FENGHUO_OTHER_TOKEN. It prints a line a check and
// ends with 1 where one failed.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var failures int

func main() {
	address, token := os.Getenv("FENGHUO_READERS"), os.Getenv("FENGHUO_TOKEN")
	db := clickhouse.OpenDB(options(address, token, clickhouse.CompressionGZIP))
	defer db.Close()
	conn, err := clickhouse.Open(options(address, token, clickhouse.CompressionNone))
	if err != nil {
		fmt.Println("FAILED open:", err)
		os.Exit(1)
	}
	defer conn.Close()
	greeting(db, conn)
	schema(db)
	types(conn)
	series(db)
	settings(conn)
	blocks(db, conn)
	refusals(db, conn)
	access(address, token)
	disconnect(conn)
	if failures > 0 {
		fmt.Printf("%d failed\n", failures)
		os.Exit(1)
	}
	fmt.Println("all passed")
}

// options are those of the datasource: HTTP, the token as password, gzip unless told otherwise.
func options(address, token string, method clickhouse.CompressionMethod) *clickhouse.Options {
	return &clickhouse.Options{
		Addr:        []string{address},
		Protocol:    clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: "fenghuo", Username: "grafana", Password: token},
		Compression: &clickhouse.Compression{Method: method},
		DialTimeout: 10 * time.Second,
		ReadTimeout: 60 * time.Second,
	}
}

func check(name string, err error) {
	if err != nil {
		failures++
		fmt.Printf("FAILED %s: %v\n", name, err)
		return
	}
	fmt.Println("ok", name)
}

func equal(name string, got, want any) {
	if reflect.DeepEqual(got, want) {
		check(name, nil)
		return
	}
	check(name, fmt.Errorf("got %v (%T), expected %v (%T)", got, got, want, want))
}

func greeting(db *sql.DB, conn driver.Conn) {
	check("ping of database/sql, with gzip", db.Ping())
	check("ping of the native interface, without compression", conn.Ping(context.Background()))
	var version string
	check("SELECT version()", db.QueryRow("SELECT version()").Scan(&version))
	if strings.Count(version, ".") < 2 {
		check("version", fmt.Errorf("%q is none", version))
	}
	server, err := conn.ServerVersion()
	check("hello", err)
	if err == nil {
		equal("hello names the front", server.DisplayName, "Fenghuo")
		equal("and revision 0", server.Revision, uint64(0))
	}
}

// column reads the first column of a query as strings.
func column(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := []string{}
	for rows.Next() {
		first := new(string)
		targets := make([]any, len(names))
		for i := range targets {
			targets[i] = new(any)
		}
		targets[0] = first
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		values = append(values, *first)
	}
	return values, rows.Err()
}

func has(name string, values []string, err error, wanted ...string) {
	if err != nil {
		check(name, err)
		return
	}
	for _, want := range wanted {
		found := false
		for _, value := range values {
			found = found || value == want
		}
		if !found {
			check(name, fmt.Errorf("%q is not among %v", want, values))
			return
		}
	}
	check(name, nil)
}

// schema asks what the query builder, the variables and the editor of the datasource ask.
func schema(db *sql.DB) {
	for _, query := range []string{"SHOW DATABASES", "SELECT name FROM system.databases ORDER BY name"} {
		names, err := column(db, query)
		check(query, err)
		equal(query+" lists one", names, []string{"fenghuo"})
	}
	for _, query := range []string{
		"SHOW TABLES FROM \"fenghuo\"", "SHOW TABLES",
		"SELECT name FROM system.tables WHERE database = 'fenghuo' ORDER BY name", "SELECT name FROM system.tables ORDER BY name",
	} {
		names, err := column(db, query)
		has(query, names, err, "events", "warnings", "kinds")
	}
	names, err := column(db, "DESC TABLE \"fenghuo\".\"events\"")
	has("DESC TABLE", names, err, "time", "stream", "key")
	names, err = column(db, "SELECT name, type, table FROM system.columns WHERE database IN ('fenghuo') AND table = 'events'")
	has("columns", names, err, "time", "stream", "key")
	names, err = column(db, "SELECT name, type, table FROM system.columns")
	has("all columns", names, err, "raised")
	names, err = column(db, `
      SELECT
        name, is_aggregate, case_insensitive, alias_to, origin, description,
        syntax, arguments, returned_value, examples, categories
      FROM system.functions
      LIMIT 10000
    `)
	has("functions", names, err, "count", "toStartOfInterval")
}

// types reads a row of each type that the warehouse and its dashboards have, also where a column is stored sparse.
func types(conn driver.Conn) {
	ctx := context.Background()
	rows, err := conn.Query(ctx, "SELECT * FROM fenghuo.kinds ORDER BY id")
	if err != nil {
		check("types", err)
		return
	}
	defer rows.Close()
	names := []string{}
	for _, kind := range rows.ColumnTypes() {
		names = append(names, kind.DatabaseTypeName())
	}
	fmt.Println("   ", strings.Join(names, ", "))
	count := 0
	for rows.Next() {
		targets := []any{}
		for _, kind := range rows.ColumnTypes() {
			targets = append(targets, reflect.New(kind.ScanType()).Interface())
		}
		if err := rows.Scan(targets...); err != nil {
			check("types", err)
			return
		}
		if count == 0 {
			text := []string{}
			for _, target := range targets {
				text = append(text, fmt.Sprint(dereferenced(target)))
			}
			equal("values of each type", strings.Join(text, "|"), os.Getenv("FENGHUO_KINDS"))
		}
		count++
	}
	check("types", rows.Err())
	equal("rows of each type", count, 3)
}

func dereferenced(value any) any {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "NULL"
		}
		if wide, ok := v.Interface().(*big.Int); ok {
			return wide.String()
		}
		v = v.Elem()
	}
	if at, ok := v.Interface().(time.Time); ok {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return v.Interface()
}

// series is a panel: a time series by level as the macros of the datasource write it.
func series(db *sql.DB) {
	rows, err := db.Query(`SELECT toStartOfInterval(toDateTime64(at, 3), INTERVAL 1 HOUR) AS time, level, count() AS n
    FROM fenghuo.kinds WHERE at >= toDateTime64(1767225600, 3) AND at <= toDateTime64(1798761600, 3)
    GROUP BY time, level ORDER BY time`)
	if err != nil {
		check("time series", err)
		return
	}
	defer rows.Close()
	total := uint64(0)
	for rows.Next() {
		var at time.Time
		var level string
		var n uint64
		if err := rows.Scan(&at, &level, &n); err != nil {
			check("time series", err)
			return
		}
		if at.UTC().Year() != 2026 || at.Minute() != 0 {
			check("time series", fmt.Errorf("%v is not an hour of 2026", at))
		}
		total += n
	}
	check("time series", rows.Err())
	equal("all rows in the series", total, uint64(3))
	var none int
	err = db.QueryRow("SELECT id FROM fenghuo.kinds WHERE id = 1000").Scan(&none)
	if !errors.Is(err, sql.ErrNoRows) {
		check("no rows", fmt.Errorf("expected none, got %v", err))
	}
	empty, err := db.Query("SELECT id, tag FROM fenghuo.kinds WHERE id = 1000")
	check("an answer without rows", err)
	if err == nil {
		names, _ := empty.Columns()
		equal("has its columns", names, []string{"id", "tag"})
		empty.Close()
	}
}

func settings(conn driver.Conn) {
	limited := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"limit": 7}))
	rows, err := conn.Query(limited, "SELECT number FROM numbers(100)")
	count := 0
	for err == nil && rows.Next() {
		count++
	}
	check("the row limit of the datasource", err)
	equal("cuts off at it", count, 7)
	soon, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	check("a deadline becomes a time limit", conn.QueryRow(soon, "SELECT 1").Err())
	var n uint8
	with := clickhouse.Context(context.Background(), clickhouse.WithParameters(clickhouse.Parameters{"n": "41"}))
	check("a parameter", conn.QueryRow(with, "SELECT toUInt8({n:UInt8} + 1)").Scan(&n))
	equal("has its value", n, uint8(42))
}

// blocks reads many rows, which come in several blocks.
func blocks(db *sql.DB, conn driver.Conn) {
	begun := time.Now()
	rows, err := conn.Query(context.Background(), "SELECT number, toString(number) FROM numbers(500000)")
	next, sum := uint64(0), uint64(0)
	for err == nil && rows.Next() {
		var n uint64
		var text string
		if err = rows.Scan(&n, &text); err == nil {
			if n != next || text != fmt.Sprint(n) {
				err = fmt.Errorf("row %d is %d %q", next, n, text)
			}
			next++
			sum += n
		}
	}
	if err == nil {
		err = rows.Err()
	}
	check("many rows", err)
	equal("all of them", sum, uint64(500000)*499999/2)
	fmt.Printf("    500,000 rows in %d ms\n", time.Since(begun).Milliseconds())
	var total uint64
	check("many rows with gzip", db.QueryRow("SELECT sum(length(x)) FROM (SELECT repeat('x', 100) AS x FROM numbers(100000))").Scan(&total))
	values, err := column(db, "SELECT toString(number) FROM numbers(200000)")
	check("several blocks with gzip", err)
	equal("of as many rows", len(values), 200000)
	failed := make(chan error, 12)
	for i := 0; i < 12; i++ {
		go func() {
			var n uint64
			failed <- db.QueryRow("SELECT count() FROM numbers(1000000)").Scan(&n)
		}()
	}
	for i := 0; i < 12; i++ {
		if err := <-failed; err != nil {
			check("twelve panels at once", err)
		}
	}
	check("twelve panels at once", nil)
}

// refused expects an exception of ClickHouse with this code.
func refused(name string, err error, code int32, part string) {
	var exception *clickhouse.Exception
	switch {
	case err == nil:
		check(name, errors.New("it was not refused"))
	case !errors.As(err, &exception):
		check(name, fmt.Errorf("no exception of ClickHouse: %v", err))
	case exception.Code != code || !strings.Contains(exception.Message, part):
		check(name, fmt.Errorf("expected %d with %q, got %v", code, part, exception))
	default:
		check("refused: "+name, nil)
	}
}

func refusals(db *sql.DB, conn driver.Conn) {
	ctx := context.Background()
	for _, one := range []struct {
		query string
		code  int32
		part  string
	}{
		{"INSERT INTO fenghuo.kinds (id) SELECT 9", 164, "readonly"},
		{"CREATE TABLE fenghuo.mine (a Int8) ENGINE = Memory", 164, "readonly"},
		{"DROP TABLE fenghuo.events", 164, "readonly"},
		{"ALTER TABLE fenghuo.kinds DELETE WHERE 1", 164, "readonly"},
		{"SELECT * FROM file('/etc/hostname', 'LineAsString')", 497, "file"},
		{"SELECT file('/etc/hostname')", 497, "file"},
		{"SELECT arrayMap(file, ['/etc/hostname'])", 497, "file"},
		{"SELECT * APPLY(file) FROM (SELECT '/etc/hostname')", 497, "ColumnsApplyTransformer"},
		{"SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')", 497, "url"},
		{"SELECT * FROM s3('http://127.0.0.1:9/bucket/a', 'CSV')", 497, "s3"},
		{"SELECT * FROM remote('127.0.0.1', system.one)", 497, "remote"},
		{"SELECT * FROM executable('id', 'TSV', 'x String')", 497, "executable"},
		{"SELECT * FROM system.settings", 497, "system.settings"},
		{"SELECT data_paths FROM system.tables", 47, "data_paths"},
		{"SELECT sum(number) FROM numbers(100000000000)", 158, "rows"},
		{"SELECT number FROM numbers(2000000)", 396, "max rows"},
		{"SELECT repeat('x', 1000) FROM numbers(900000)", 396, "max bytes"},
		{"SELECT nowhere", 47, "nowhere"},
		{"SELECT * FROM fenghuo.nowhere", 60, "nowhere"},
		{"SELECT 1 +", 62, "Syntax error"},
		{"SELECT '" + strings.Repeat("x", 300000) + "'", 131, "bytes"},
	} {
		name := one.query
		if len(name) > 60 {
			name = name[:60]
		}
		_, err := column(db, one.query)
		refused(name, err, one.code, one.part)
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO fenghuo.kinds (id)")
	if err == nil {
		if err = batch.Append(uint64(9)); err == nil {
			err = batch.Send()
		}
	}
	refused("a batch", err, 164, "readonly")
	soon := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_execution_time": 1, "max_rows_to_read": 0}))
	refused("a setting that readers do not have", conn.QueryRow(
		clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"allow_introspection_functions": 1})), "SELECT 1").Err(),
		164, "allow_introspection_functions")
	refused("a query over its time", conn.QueryRow(soon, "SELECT max(sipHash64(number, number)) FROM numbers(900000000)").Err(), 159, "")
}

func access(address, token string) {
	wrong := clickhouse.OpenDB(options(address, "fh_wrong", clickhouse.CompressionGZIP))
	refused("a wrong token", wrong.Ping(), 516, "token")
	none := clickhouse.OpenDB(options(address, "", clickhouse.CompressionGZIP))
	refused("no token", none.Ping(), 194, "token")
	other := clickhouse.OpenDB(options(address, os.Getenv("FENGHUO_OTHER_TOKEN"), clickhouse.CompressionGZIP))
	refused("a token of a role that may not", other.Ping(), 497, "role")
	lz4 := clickhouse.OpenDB(options(address, token, clickhouse.CompressionLZ4))
	refused("LZ4", lz4.Ping(), 48, "gzip")
	elsewhere := options(address, token, clickhouse.CompressionGZIP)
	elsewhere.Auth.Database = "system"
	refused("another database", clickhouse.OpenDB(elsewhere).Ping(), 81, "system")
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionDeflate, clickhouse.CompressionBrotli} {
		db := clickhouse.OpenDB(options(address, token, method))
		check("asked for "+method.String()+", answered plain", db.Ping())
	}
	answer, err := http.Get("http://" + address + "/ping")
	check("/ping", err)
	if err == nil {
		equal("/ping answers", answer.StatusCode, 200)
		answer.Body.Close()
	}
}

// disconnect leaves in the middle of a query and then asks for as many as run side by side.
func disconnect(conn driver.Conn) {
	for i := 0; i < 6; i++ {
		soon, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err := conn.Query(soon, "SELECT max(sipHash64(number, number)) FROM numbers(900000000)")
		cancel()
		if err == nil {
			check("disconnect", errors.New("the query ended too soon to be left"))
		}
	}
	begun := time.Now()
	check("after six that were left", conn.Ping(context.Background()))
	if took := time.Since(begun); took > 10*time.Second {
		check("queries that nobody waits for are stopped", fmt.Errorf("the next one waited %v", took))
	}
}

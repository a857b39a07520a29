-- The user of ClickHouse with which Grafana reads the one database, and nothing else. README.md beside this says how it is run.
CREATE USER OR REPLACE grafana IDENTIFIED WITH sha256_password BY '{password}' SETTINGS
  readonly = 2 READONLY, max_execution_time = 30 MAX 120,
  max_result_rows = 1000000 READONLY, max_memory_usage = 1073741824 READONLY;
GRANT SELECT ON fenghuo.* TO grafana;

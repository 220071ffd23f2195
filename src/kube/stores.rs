//! Images of programs that keep data: two of them, side by side, know different things.

/// A store, and whether its replicas find each other by themselves.
#[derive(Debug)]
pub struct Store {
    /// What it is called.
    pub name: &'static str,
    /// The last parts of the names of its usual images.
    images: &'static [&'static str],
    /// Whether more replicas than one are usually meant to be one store.
    pub joins: bool,
}

const fn alone(name: &'static str, images: &'static [&'static str]) -> Store {
    Store { name, images, joins: false }
}

const fn joins(name: &'static str, images: &'static [&'static str]) -> Store {
    Store { name, images, joins: true }
}

/// Every row, by name. Sources: the images that each project publishes, and those of the official
/// library of Docker Hub.
const STORES: &[Store] = &[
    joins("Cassandra", &["cassandra", "scylla"]),
    joins("ClickHouse", &["clickhouse", "clickhouse-server"]),
    joins("CockroachDB", &["cockroach", "cockroachdb"]),
    joins("Consul", &["consul"]),
    alone("CouchDB", &["couchdb"]),
    joins("Elasticsearch", &["elasticsearch", "opensearch"]),
    joins("etcd", &["etcd"]),
    alone("InfluxDB", &["influxdb"]),
    joins("Kafka", &["kafka", "cp-kafka", "redpanda"]),
    alone("MariaDB", &["mariadb"]),
    alone("Memcached", &["memcached"]),
    joins("MongoDB", &["mongo", "mongodb", "mongodb-community-server"]),
    alone("MySQL", &["mysql", "mysql-server", "percona", "percona-server"]),
    joins("NATS", &["nats", "nats-server"]),
    alone("Neo4j", &["neo4j"]),
    alone("PostgreSQL", &["postgres", "postgresql", "postgis", "timescaledb"]),
    joins("RabbitMQ", &["rabbitmq"]),
    alone("Redis", &["redis", "redis-stack-server", "valkey", "keydb", "dragonfly"]),
    joins("ZooKeeper", &["zookeeper"]),
];

/// The store that an image is of, by the last part of its name.
pub fn of_image(image: &str) -> Option<&'static Store> {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let last = last.split(':').next().unwrap_or_default();
    STORES.iter().find(|store| store.images.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_known_by_its_image() {
        let name = |image| of_image(image).map(|store| store.name);
        assert_eq!(name("registry.example.com:5000/bitnami/redis:7.2@sha256:abc"), Some("Redis"));
        assert_eq!(name("mysql"), Some("MySQL"));
        assert_eq!(name("registry.example.com/shop/redis-exporter:1"), None);
        assert_eq!(name("registry.example.com/mysql/backup"), None);
        let mut images: Vec<&str> = STORES.iter().flat_map(|store| store.images).copied().collect();
        let all = images.len();
        images.sort_unstable();
        images.dedup();
        assert_eq!(images.len(), all);
    }
}

//! Where a drawing of a graph has its boxes: in columns, so that every arrow leads to the right, and in
//! an order that crosses few of them.

use std::collections::BTreeMap;

/// The column of each node and its place in it; both counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) places: Vec<(usize, usize)>,
}

/// How often the order of all columns is improved.
const SWEEPS: usize = 6;

/// Lays out `count` nodes. An arrow that would close a circle leads back.
pub(super) fn of(count: usize, arrows: &[(usize, usize)]) -> Layout {
    let forward = without_circles(count, arrows);
    let columns = columns(count, &forward);
    let mut by_column: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, column) in columns.iter().enumerate() {
        by_column.entry(*column).or_default().push(node);
    }
    let mut order = vec![0usize; count];
    let number = |order: &mut Vec<usize>, members: &[usize]| {
        members.iter().enumerate().for_each(|(place, node)| order[*node] = place);
    };
    by_column.values().for_each(|members| number(&mut order, members));
    for sweep in 0..SWEEPS {
        let forwards = sweep % 2 == 0;
        let mut keys: Vec<usize> = by_column.keys().copied().collect();
        if !forwards {
            keys.reverse();
        }
        for key in keys {
            let Some(members) = by_column.get_mut(&key) else { continue };
            members.sort_by_key(|node| (middle(*node, &forward, forwards, &order), order[*node]));
            number(&mut order, members);
        }
    }
    Layout { places: columns.into_iter().zip(order).collect() }
}

/// The mean place, in thousandths, of those from which arrows come, or to which they lead.
fn middle(node: usize, arrows: &[(usize, usize)], from: bool, order: &[usize]) -> usize {
    let near = arrows.iter().filter_map(|(a, b)| match from {
        true => (*b == node).then_some(*a),
        false => (*a == node).then_some(*b),
    });
    let places: Vec<usize> = near.map(|other| order[other] * 1000).collect();
    match places.len() {
        0 => order[node] * 1000,
        count => places.iter().sum::<usize>() / count,
    }
}

/// The arrows less those that close a circle, met from the first node on.
fn without_circles(count: usize, arrows: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut next = vec![Vec::new(); count];
    arrows.iter().for_each(|(from, to)| next[*from].push(*to));
    let (mut seen, mut open) = (vec![false; count], vec![false; count]);
    let mut kept = Vec::new();
    for start in 0..count {
        if seen[start] {
            continue;
        }
        // Each node that is open, and how many of its arrows were followed.
        let mut stack = vec![(start, 0usize)];
        (seen[start], open[start]) = (true, true);
        while let Some((node, followed)) = stack.pop() {
            let Some(to) = next[node].get(followed).copied() else {
                open[node] = false;
                continue;
            };
            stack.push((node, followed + 1));
            if open[to] {
                continue;
            }
            kept.push((node, to));
            if !seen[to] {
                (seen[to], open[to]) = (true, true);
                stack.push((to, 0));
            }
        }
    }
    kept
}

/// The length of the longest way to each node.
fn columns(count: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut columns = vec![0; count];
    // Without circles, no way is longer than there are nodes.
    for _ in 0..count {
        let mut moved = false;
        for (from, to) in arrows {
            if columns[*to] <= columns[*from] {
                columns[*to] = columns[*from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_lead_to_the_right_and_no_two_boxes_share_a_place() {
        let arrows = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)];
        let layout = of(6, &arrows);
        for (from, to) in arrows {
            assert!(layout.places[from].0 < layout.places[to].0, "{layout:?}");
        }
        let mut places = layout.places.clone();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 6);
    }

    #[test]
    fn circles_end() {
        let layout = of(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert_eq!(layout.places, [(0, 0), (1, 0), (2, 0)]);
    }

    #[test]
    fn an_order_without_crossings_is_found() {
        // Two pairs whose arrows cross in the order of their numbers.
        let layout = of(4, &[(0, 3), (1, 2)]);
        let rows: Vec<usize> = layout.places.iter().map(|(_, row)| *row).collect();
        assert_eq!(rows[0] < rows[1], rows[3] < rows[2]);
    }
}

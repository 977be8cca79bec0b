package walks

import (
	"context"
	"iter"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
)

// newSDK has the SDK's defaults, as its users do.
func newSDK(task Task) (*storeorders.Client, error) {
	return storeorders.NewClient(
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: task.BaseURL, PublishableKey: publishableKey, Token: storeorders.StaticToken(token)}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: task.BaseURL, ShopID: shopID, Token: storeorders.StaticToken(token)}))
}

// sdkAll walks by All: each record once, with the check that none is missing.
func sdkAll(task Task, options ...storeorders.RequestOption) (Walk, error) {
	client, err := newSDK(task)
	if err != nil {
		return nil, err
	}
	if task.API == pages.Mercur {
		return inSequence(func(ctx context.Context) iter.Seq2[*storeorders.OrderGroup, error] {
			return client.OrderGroups.All(ctx, &storeorders.OrderGroupListOptions{Limit: task.Size}, options...)
		}, (*checker).addGroup), nil
	}
	return inSequence(func(ctx context.Context) iter.Seq2[*storeorders.Order, error] {
		return client.Orders.All(ctx, &storeorders.OrderListOptions{Limit: task.Size}, options...)
	}, (*checker).addOrder), nil
}

// sdkPages walks by Pages: page by page, as the server gives them.
func sdkPages(task Task) (Walk, error) {
	client, err := newSDK(task)
	if err != nil {
		return nil, err
	}
	if task.API == pages.Mercur {
		return inSequence(func(ctx context.Context) iter.Seq2[*storeorders.OrderGroupPage, error] {
			return client.OrderGroups.Pages(ctx, &storeorders.OrderGroupListOptions{Limit: task.Size})
		}, func(check *checker, page *storeorders.OrderGroupPage) {
			for i := range page.Items {
				check.addGroup(&page.Items[i])
			}
		}), nil
	}
	return inSequence(func(ctx context.Context) iter.Seq2[*storeorders.OrderPage, error] {
		return client.Orders.Pages(ctx, &storeorders.OrderListOptions{Limit: task.Size})
	}, func(check *checker, page *storeorders.OrderPage) {
		for i := range page.Items {
			check.addOrder(&page.Items[i])
		}
	}), nil
}

func inSequence[T any](sequence func(context.Context) iter.Seq2[T, error], add func(*checker, T)) Walk {
	return func(ctx context.Context) (pages.Tally, error) {
		check := &checker{}
		for value, err := range sequence(ctx) {
			if err != nil {
				return check.Tally, err
			}
			add(check, value)
		}
		return check.Tally, check.err
	}
}
